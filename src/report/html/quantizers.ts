import type { Analysis } from "../../runs/record.js";
import { layerBars } from "./layerBars.js";
import { levelChart } from "./levels.js";
import { type Content, html, type Markup } from "./markup.js";
import { short } from "./numbers.js";
import type { ColorName } from "./palette.js";
import { figure, key, layerName } from "./parts.js";
import { thresholdCurveChart } from "./thresholdCurves.js";

/** Thresholds, levels and entropies of a run; empty for a full-precision network. */
export function quantizerSections({ weights, activations, images }: Analysis): Content {
  if (weights.length + activations.length === 0) return null;
  return [
    thresholdCurves(activations),
    levelTiles(
      "Weight levels",
      "Share of a layer's weights on each level, in percent. Levels of n2uq are in units of the output channel's scale.",
      weights.map((one) => figure(levelChart(one, "main"), entropyCaption(one))),
    ),
    levelTiles(
      "Activation levels",
      `Share of each level over the first ${images} validation images, in percent.`,
      activations.map((one) => figure(levelChart(one, "second"), entropyCaption(one))),
    ),
    entropies(weights, activations),
  ];
}

function thresholdCurves(activations: Analysis["activations"]): Markup {
  const tiles = activations.map((one) =>
    figure(thresholdCurveChart(one), html`${layerName(one.layer)} ${one.method}, ${one.bits} bit`),
  );
  return html`<h3>Learned thresholds</h3>
<p>What each activation quantizer makes of its input (across): the steps are its thresholds, the lines behind them its uniform levels.
${key("main", "end of training")}${key("faint dashed", "start")}</p>
<div class="tiles">${tiles}</div>`;
}

function levelTiles(heading: string, text: string, tiles: Markup[]): Markup {
  return html`<h3>${heading}</h3>
<p>${text}</p>
<div class="tiles">${tiles}</div>`;
}

function entropyCaption({ layer, entropy, bits }: Analysis["weights"][number]): Markup {
  return html`${layerName(layer)} ${entropy.toFixed(2)} of ${bits} ${bits === 1 ? "bit" : "bits"}`;
}

function entropies(weights: Analysis["weights"], activations: Analysis["activations"]): Markup {
  const bars = (of: string, uses: readonly Analysis["weights"][number][], fill: ColorName) => {
    const label = `Entropy of the ${of} levels in bits`;
    const rows = uses.map(({ layer, entropy, bits }) => ({ layer, value: entropy, most: bits }));
    return figure(layerBars(label, rows, fill, short), `${label}, drawn in front of its maximum`);
  };
  const drawn = [bars("weight", weights, "main"), bars("activation", activations, "second")];
  return html`<h3>Entropy</h3>
<p>How evenly the levels are used: with b bits at most b, where all of them are used alike.</p>
<div class="charts">${drawn}</div>`;
}
