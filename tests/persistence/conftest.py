import pytest

from tests.persistence.models import WAYS


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


@pytest.fixture(params=[name for name in WAYS if name != "by_safetensors"])
def way_of_pipelines(request):
    return WAYS[request.param]
