"""The service circle: travel times, datums, street points, and the first city's places."""
