"""An invented prefecture inside real outlines: deterministic from a seed, county by county (演示数据)."""
