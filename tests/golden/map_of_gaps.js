var map_div = L.map(
                "map_div",
                {
                    center: [26.75, 110.65],
                    crs: L.CRS.EPSG3857,
                    ...{
  "zoom": 10,
  "zoomControl": false,
  "preferCanvas": true,
  "attributionControl": false,
  "maxZoom": 18,
}

                }
            );




anlan.draw(map_div, {"base": null, "bounds": [[26.7, 110.6], [26.8, 110.7]], "layers": [{"bubbles": true, "data": {"features": [{"geometry": {"coordinates": [[[110.7, 26.7], [110.7, 26.8], [110.6, 26.8], [110.6, 26.7], [110.7, 26.7]]], "type": "Polygon"}, "properties": {"k": "area", "t": []}, "type": "Feature"}], "type": "FeatureCollection"}, "from_zoom": 0, "kind": "shape", "name": "\u884c\u653f\u533a", "styles": {"area": {"color": "#6f7d84", "dash": "6 4", "fill": "#fbfaf5", "fill_opacity": 1.0, "opacity": 1.0, "radius": 5.0, "shape": "circle", "weight": 1.6}, "part": {"color": "#b9c1c4", "dash": "3 4", "fill": "", "fill_opacity": 0.0, "opacity": 1.0, "radius": 5.0, "shape": "circle", "weight": 0.8}}, "told": false, "url": null}, {"bubbles": true, "data": null, "from_zoom": 0, "kind": "shape", "name": "\u6c34\u57df", "styles": {"covered": {"color": "#1f6fb2", "dash": "7 3", "fill": "", "fill_opacity": 0.0, "opacity": 1.0, "radius": 5.0, "shape": "circle", "weight": 3.0}, "gap": {"color": "#c62f1d", "dash": "", "fill": "", "fill_opacity": 0.0, "opacity": 1.0, "radius": 5.0, "shape": "circle", "weight": 5.0}}, "told": true, "url": "/layer/waters?v=1-1"}, {"bubbles": true, "data": {"features": [{"geometry": {"coordinates": [[110.61, 26.71], [110.62, 26.72]], "type": "LineString"}, "properties": {"k": "gap", "t": ["\u674e\u5bb6\u5858 \u0026#123;\u0026#123;1\u0026#125;\u0026#125;"]}, "type": "Feature"}], "type": "FeatureCollection"}, "from_zoom": 0, "kind": "shape", "name": "\u7f3a\u53e3", "styles": {"covered": {"color": "#1f6fb2", "dash": "7 3", "fill": "", "fill_opacity": 0.0, "opacity": 1.0, "radius": 5.0, "shape": "circle", "weight": 3.0}, "gap": {"color": "#c62f1d", "dash": "", "fill": "", "fill_opacity": 0.0, "opacity": 1.0, "radius": 5.0, "shape": "circle", "weight": 5.0}}, "told": true, "url": null}, {"bubbles": true, "data": {"features": [{"geometry": {"coordinates": [110.63, 26.73], "type": "Point"}, "properties": {"k": "valid", "t": ["\u7532"]}, "type": "Feature"}, {"geometry": {"coordinates": [110.64, 26.74], "type": "Point"}, "properties": {"k": "expired", "t": ["\u0026#60;\u4e59\u0026#62;"]}, "type": "Feature"}], "type": "FeatureCollection"}, "from_zoom": 0, "kind": "shape", "name": "\u70b9\u4f4d", "styles": {"expired": {"color": "#ffffff", "dash": "", "fill": "#e08a00", "fill_opacity": 1.0, "opacity": 1.0, "radius": 6, "shape": "diamond", "weight": 1}, "incomplete": {"color": "#ffffff", "dash": "", "fill": "#c62f1d", "fill_opacity": 1.0, "opacity": 1.0, "radius": 6, "shape": "triangle", "weight": 1}, "off_bank": {"color": "#5b5b5b", "dash": "", "fill": "", "fill_opacity": 0.0, "opacity": 1.0, "radius": 5, "shape": "cross", "weight": 2}, "unassessed": {"color": "#5b5b5b", "dash": "", "fill": "#ffffff", "fill_opacity": 1.0, "opacity": 1.0, "radius": 5, "shape": "square", "weight": 1.5}, "unplaced": {"color": "#5b5b5b", "dash": "", "fill": "", "fill_opacity": 0.0, "opacity": 1.0, "radius": 5, "shape": "ring", "weight": 2}, "valid": {"color": "#ffffff", "dash": "", "fill": "#1f6fb2", "fill_opacity": 1.0, "opacity": 1.0, "radius": 5, "shape": "circle", "weight": 1}}, "told": true, "url": null}], "max_zoom": 16, "notes": ["\u5185\u90e8\u4f7f\u7528 \u00b7 \u6f14\u793a\u6570\u636e"]});
