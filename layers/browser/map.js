// Draws the layers of one map. Every text in `spec` and in fetched layers is already encoded
// (layers/text.py: nothing but numeric entities can reach markup), so it may be set as HTML.
(function () {
  "use strict";

  var SIDES = {
    square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
    diamond: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
    triangle: [[0, -1.2], [1.15, 0.9], [-1.15, 0.9]],
  };

  L.Canvas.include({
    _updateShape: function (layer) {
      if (!this._drawing || layer._empty()) { return; }
      var p = layer._point, r = layer._radius, ctx = this._ctx, sides = SIDES[layer.options.shape];
      ctx.beginPath();
      if (sides) {
        sides.forEach(function (s, i) { ctx[i ? "lineTo" : "moveTo"](p.x + s[0] * r, p.y + s[1] * r); });
        ctx.closePath();
      } else if (layer.options.shape === "cross") {
        ctx.moveTo(p.x - r, p.y - r); ctx.lineTo(p.x + r, p.y + r);
        ctx.moveTo(p.x + r, p.y - r); ctx.lineTo(p.x - r, p.y + r);
      } else {
        ctx.arc(p.x, p.y, r, 0, Math.PI * 2, false);
      }
      this._fillStroke(ctx, layer);
    },
  });

  var Mark = L.CircleMarker.extend({
    _updatePath: function () { this._renderer._updateShape(this); },
  });

  function path(style) {
    return {
      color: style.color, weight: style.weight, opacity: style.opacity, dashArray: style.dash || null,
      fill: style.fill_opacity > 0, fillColor: style.fill || style.color, fillOpacity: style.fill_opacity,
      heavy: style.weight, radius: style.radius, shape: style.shape, lineCap: style.dash ? "butt" : "round",
    };
  }

  function told(layer) {
    var box = L.DomUtil.create("div", "anlan-tip"), lines = layer.feature.properties.t || [];
    lines.forEach(function (line, i) {
      var row = L.DomUtil.create(i ? "div" : "strong", "", box);
      row.innerHTML = line;
    });
    return box;
  }

  function label(map, feature, at) {
    var icon = L.divIcon({ className: "anlan-label", html: "<span>" + feature.properties.t[0] + "</span>", iconSize: null });
    return L.marker(at, { icon: icon, interactive: false, keyboard: false });
  }

  // Marks and strokes shrink where a whole county is on the screen, so that they do not hide each other.
  function scale(map) {
    var zoom = map.getZoom();
    return zoom >= 13 ? 1 : zoom >= 11 ? 0.8 : 0.6;
  }

  function fitted(layer, by) {
    if (layer instanceof Mark) {
      layer.setRadius(layer.options.full * by);
    } else if (layer.setStyle && layer.options.heavy > 2) {
      layer.setStyle({ weight: Math.max(1.4, layer.options.heavy * (by < 0.7 ? 0.4 : by)) });
    }
  }

  function resize(map, drawn) {
    var by = scale(map);
    drawn.eachLayer(function (layer) { fitted(layer, by); });
  }

  function group(map, spec) {
    var drawn = L.geoJson(null, {
      interactive: spec.told,
      bubblingMouseEvents: spec.bubbles,
      smoothFactor: 1.2,
      style: function (feature) { return path(spec.styles[feature.properties.k]); },
      pointToLayer: function (feature, at) {
        if (spec.kind === "label") { return label(map, feature, at); }
        var options = path(spec.styles[feature.properties.k]);
        options.interactive = spec.told;
        options.bubblingMouseEvents = false;
        options.full = options.radius;
        options.radius *= scale(map);
        return new Mark(at, options);
      },
    });
    if (spec.told) { drawn.bindTooltip(told, { sticky: true, direction: "auto", className: "anlan-tooltip" }); }
    map.on("zoomend", function () { resize(map, drawn); });
    if (spec.from_zoom) {
      var fit = function () {
        var show = map.getZoom() >= spec.from_zoom;
        if (show && !map.hasLayer(drawn)) { map.addLayer(drawn); }
        if (!show && map.hasLayer(drawn)) { map.removeLayer(drawn); }
      };
      map.on("zoomend", fit);
      drawn.addTo(map);
      fit();
    } else {
      drawn.addTo(map);
    }
    return drawn;
  }

  function fetched(spec) {
    if (!spec.url) { return Promise.resolve(spec.data); }
    return fetch(spec.url, { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.json();
    });
  }

  function note(map, text, name) {
    var control = L.control({ position: "bottomright" });
    control.onAdd = function () {
      var box = L.DomUtil.create("div", "anlan-note " + name);
      box.innerHTML = text;
      return box;
    };
    control.addTo(map);
  }

  window.anlan = {
    draw: function (map, spec) {
      L.control.zoom({ zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
      if (L.control.fullscreen) {
        L.control.fullscreen({ title: { "false": "全屏", "true": "退出全屏" } }).addTo(map);
      }
      L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
      if (spec.base) { L.tileLayer(spec.base, { maxZoom: 18 }).addTo(map); }
      spec.notes.forEach(function (text) { note(map, text, ""); });
      var width = map.getContainer();
      if (!width.clientWidth) { width.style.width = "100%"; map.invalidateSize(); }
      // A frame that is not laid out yet has no size, and a fit to nothing ends at the highest zoom: fit anew
      // whenever the size changes, until the reader takes the map in hand.
      var held = false;
      var fit = function () {
        var size = map.getSize();
        if (!held && size.x > 40 && size.y > 40) {
          map.fitBounds(spec.bounds, { padding: [12, 12], maxZoom: spec.max_zoom, animate: false });
        }
      };
      ["pointerdown", "wheel", "keydown"].forEach(function (name) {
        map.getContainer().addEventListener(name, function () { held = true; }, { capture: true, passive: true });
      });
      fit();
      // Order of drawing is the order of the list, whichever answer comes first.
      var groups = spec.layers.map(function (one) { return group(map, one); });
      var turn = Promise.resolve();
      spec.layers.forEach(function (one, i) {
        var answer = fetched(one);
        answer.catch(function () {});
        turn = turn.then(function () { return answer; }).then(function (data) {
          groups[i].addData(data);
          resize(map, groups[i]);
        }).catch(function () { note(map, one.name + "图层未能载入，请刷新页面重试", "anlan-fault"); });
      });
      turn.then(function () { map.getContainer().setAttribute("data-drawn", "yes"); });
      new ResizeObserver(function () {
        map.invalidateSize({ animate: false });
        fit();
      }).observe(map.getContainer());
    },
  };
})();
