"""What methods are called, for places that know no torch; a test holds it against the table."""

from __future__ import annotations

TITLES: dict[str, str] = {
    "saliency": "Saliency",
    "input_x_gradient": "Input × Gradient",
    "integrated_gradients": "Integrated Gradients",
    "gradient_shap": "GradientShap",
    "deep_lift": "DeepLIFT",
    "deep_lift_shap": "DeepLIFT SHAP",
    "guided_backprop": "Guided Backpropagation",
    "deconvolution": "Deconvolution",
    "smoothgrad": "SmoothGrad",
    "grad_cam": "Grad-CAM",
    "grad_cam_plus_plus": "Grad-CAM++",
    "score_cam": "Score-CAM",
    "eigen_cam": "Eigen-CAM",
    "guided_grad_cam": "Guided Grad-CAM",
    "layer_activation": "Layer activation",
    "layer_integrated_gradients": "Layer Integrated Gradients",
    "layer_conductance": "Layer Conductance",
    "internal_influence": "Internal Influence",
    "attention_rollout": "Attention Rollout",
    "occlusion": "Occlusion",
    "feature_ablation": "Feature Ablation",
    "shapley_value_sampling": "Shapley Value Sampling",
    "lime": "Lime",
    "kernel_shap": "Kernel SHAP",
    "rise": "RISE",
    "embedding_gradient": "Gradient at the embedding",
    "embedding_integrated_gradients": "Integrated Gradients at the embedding",
    "token_occlusion": "Token Occlusion",
    "feature_permutation": "Feature Permutation",
}


def title_of(method: str) -> str:
    """The title of a method by its name; the name in plain words where nobody knows it."""
    return TITLES.get(method, method.replace("_", " ").capitalize())
