"""What a value of each method's map says, in words that stand beside its colour bar."""

from __future__ import annotations

from collections.abc import Mapping

from inference.records import Scalar

UNITS: dict[str, str] = {
    "saliency": "{output} per unit of input",
    "input_x_gradient": "{output}, to first order",
    "integrated_gradients": "{output} per {cell}",
    "gradient_shap": "{output} per {cell}",
    "deep_lift": "{output} per {cell}",
    "deep_lift_shap": "{output} per {cell}",
    "guided_backprop": "guided gradient",
    "deconvolution": "deconvolved gradient",
    "grad_cam": "activation × slope of {output}",
    "grad_cam_plus_plus": "activation × slope of {output}",
    "score_cam": "weighted activation",
    "eigen_cam": "activation",
    "guided_grad_cam": "guided gradient × Grad-CAM",
    "layer_activation": "activation",
    "layer_integrated_gradients": "{output} per cell",
    "layer_conductance": "{output} per cell",
    "internal_influence": "{output} per unit of activation",
    "attention_rollout": "share of attention",
    "occlusion": "drop of {output} when hidden",
    "feature_ablation": "drop of {output} when hidden",
    "shapley_value_sampling": "{output} per part",
    "lime": "{output} per part, of a linear model",
    "kernel_shap": "{output} per part",
    "rise": "mean {output} when seen",
    "embedding_gradient": "{output} per unit of embedding",
    "embedding_integrated_gradients": "{output} per token",
    "token_occlusion": "drop of {output} when hidden",
    "feature_permutation": "drop of {output} when shuffled",
}
"""By the name of the method. A part is what is hidden together: a superpixel or a square."""

SPREADS = {"smoothgrad_sq": "mean square of {}", "vargrad": "variance of {}"}
"""What SmoothGrad may show in place of a mean, by its option `type`."""


def unit_of(method: str, options: Mapping[str, Scalar], output: str, *, volume: bool) -> str:
    """The words for a method's map under these options; "" for a method nobody described."""
    base = str(options["base"]) if method == "smoothgrad" else method
    words = UNITS.get(base, "").format(output=output, cell="voxel" if volume else "pixel")
    return SPREADS.get(str(options.get("type")), "{}").format(words) if words else ""
