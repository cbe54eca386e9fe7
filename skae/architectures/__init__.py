"""What is trained: pairs of torch modules, joined to the linear path by one autoencoder."""

from skae.architectures._bent_factors import BentFactors as BentFactors
from skae.architectures._code_units import CodeUnits as CodeUnits
from skae.architectures._conv import ConvArchitecture
from skae.architectures._dense import ACTIVATIONS, DenseArchitecture
from skae.architectures._ellipsoid import Ellipsoid as Ellipsoid
from skae.architectures._factors import FactorModel as FactorModel
from skae.architectures._factors import blocks as blocks
from skae.architectures._few_rows import rows_enough as rows_enough
from skae.architectures._foreign import build_networks as build_networks
from skae.architectures._headed import HeadedAutoencoder as HeadedAutoencoder
from skae.architectures._hidden import hidden_units as hidden_units
from skae.architectures._imputation import Imputation as Imputation
from skae.architectures._imputation import build_correction as build_correction
from skae.architectures._marginals import Marginals as Marginals
from skae.architectures._marginals import yeo_johnson as yeo_johnson
from skae.architectures._modes import in_full_precision as in_full_precision
from skae.architectures._modes import on_torchs_device as on_torchs_device
from skae.architectures._module import Autoencoder
from skae.architectures._nested import NestedAutoencoder as NestedAutoencoder
from skae.architectures._nested import prefix_sizes as prefix_sizes
from skae.architectures._outliers import Distances as Distances
from skae.architectures._outliers import OutlierAutoencoder as OutlierAutoencoder
from skae.architectures._outline import count_inputs as count_inputs
from skae.architectures._standard import Standard as Standard
from skae.architectures._standard import is_far as is_far

__all__ = ["ACTIVATIONS", "Autoencoder", "ConvArchitecture", "DenseArchitecture"]
