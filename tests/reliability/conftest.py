import os

from hypothesis import HealthCheck, settings

# The same arrays every time, so that a run says the same twice; SKAE_EXAMPLES asks for more.
settings.register_profile(
    "skae",
    max_examples=int(os.environ.get("SKAE_EXAMPLES", 60)),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("skae")
