"""Low-dimensional embeddings of trajectories, and the separation of conditions in them."""

from noisette.analysis.embedding._clusters import agreement, cluster_separation, clusters
from noisette.analysis.embedding._embed import embed
from noisette.analysis.embedding._pca import pca

__all__ = ["agreement", "cluster_separation", "clusters", "embed", "pca"]
