"""The circle on real roads: rules, build, graphs on disk, snapping and routing."""
