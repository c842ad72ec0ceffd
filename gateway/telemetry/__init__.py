"""What the gateway tells of itself: metrics, traces, logs. It changes nothing."""
