from ._mean_field import population_mean_field

__all__ = ["population_mean_field"]
