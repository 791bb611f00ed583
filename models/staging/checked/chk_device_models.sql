{{ checked_rows('device_models') }}
