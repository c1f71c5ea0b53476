import type { Analysis } from "../../runs/record.js";
import { layerBars } from "./layerBars.js";
import { levelChart } from "./levels.js";
import type { Content, Markup } from "./markup.js";
import { html } from "./markup.js";
import { short } from "./numbers.js";
import { figure, key, layerName } from "./parts.js";
import { staircaseChart } from "./staircases.js";

/** Thresholds, levels and entropies of a run; empty for a full-precision network. */
export function quantizerSections({ weights, activations, images }: Analysis): Content {
  if (weights.length + activations.length === 0) return null;
  return [
    staircases(activations),
    weightLevels(weights),
    activationLevels(activations, images),
    entropies(weights, activations),
  ];
}

function staircases(activations: Analysis["activations"]): Markup {
  const tiles = activations.map((one) =>
    figure(staircaseChart(one), html`${layerName(one.layer)} ${one.method}, ${one.bits} bit`),
  );
  return html`<h3>Learned thresholds</h3>
<p>What each activation quantizer makes of its input (across): the steps are its thresholds, the lines behind them its uniform levels.
${key("main", "end of training")}${key("faint dashed", "start")}</p>
<div class="tiles">${tiles}</div>`;
}

function weightLevels(weights: Analysis["weights"]): Markup {
  const tiles = weights.map((one) => figure(levelChart(one, "main"), entropyCaption(one)));
  return html`<h3>Weight levels</h3>
<p>Share of a layer's weights on each level, in percent. Levels of n2uq are in units of the output channel's scale.</p>
<div class="tiles">${tiles}</div>`;
}

function activationLevels(activations: Analysis["activations"], images: number): Markup {
  const tiles = activations.map((one) => figure(levelChart(one, "second"), entropyCaption(one)));
  return html`<h3>Activation levels</h3>
<p>Share of each level over the first ${images} validation images, in percent.</p>
<div class="tiles">${tiles}</div>`;
}

function entropyCaption({ layer, entropy, bits }: Analysis["weights"][number]): Markup {
  return html`${layerName(layer)} ${entropy.toFixed(2)} of ${bits} ${bits === 1 ? "bit" : "bits"}`;
}

function entropies(weights: Analysis["weights"], activations: Analysis["activations"]): Markup {
  const rows = (uses: readonly Analysis["weights"][number][]) =>
    uses.map(({ layer, entropy, bits }) => ({ layer, value: entropy, most: bits }));
  const drawn = [
    figure(
      layerBars("Entropy of the weight levels in bits", rows(weights), "main", short),
      "Entropy of the weight levels in bits, in front of its maximum",
    ),
    figure(
      layerBars("Entropy of the activation levels in bits", rows(activations), "second", short),
      "Entropy of the activation levels in bits, in front of its maximum",
    ),
  ];
  return html`<h3>Entropy</h3>
<p>How evenly the levels are used: with b bits at most b, where all of them are used alike.</p>
<div class="charts">${drawn}</div>`;
}
