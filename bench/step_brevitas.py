"""Brevitas's layers for bench/step.py: QuantConv2d and an unsigned activation quantizer, both with a learned
scale per tensor. They start from LSQ's steps, and their output is LSQ's. The gradients are not: a value up to
half a step outside of the range has one, and that of a scale is not multiplied by g.
"""
import brevitas.nn as qnn
from brevitas.quant import Int8WeightPerTensorFloat, Uint8ActPerTensorFloatMaxInit

from step_quantizers import LsqLayers

ACTIVATION_SCALE = "act_quant.fused_activation_quant_proxy.tensor_quant.scaling_impl.value"
WEIGHT_SCALE = "weight_quant.tensor_quant.scaling_impl.value"


class BrevitasLayers(LsqLayers):
    def activation(self):
        return qnn.QuantIdentity(
            act_quant=Uint8ActPerTensorFloatMaxInit, bit_width=self.activation_bits, max_val=1.0
        )

    def conv(self, inputs, outputs, kernel, stride, groups):
        return qnn.QuantConv2d(
            inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False,
            weight_quant=Int8WeightPerTensorFloat, weight_bit_width=self.weight_bits, weight_narrow_range=False,
            weight_scaling_impl_type="parameter", weight_scaling_init=1.0,
        )

    def state_of(self, weights):
        """From LSQ's weights. Brevitas learns the largest code's value instead of the step."""
        state = {}
        for name, value in weights.items():
            layer, _, leaf = name.rpartition(".")
            if leaf != "step":
                state[name] = value
            elif f"{layer}.weight" in weights:
                state[f"{layer}.{WEIGHT_SCALE}"] = value.reshape(()) * 2 ** (self.weight_bits - 1)
            else:
                state[f"{layer}.{ACTIVATION_SCALE}"] = value.reshape(()) * (2**self.activation_bits - 1)
        return state
