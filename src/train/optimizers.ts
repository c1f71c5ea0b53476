import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  dispose,
  div,
  engine,
  getBackend,
  getKernel,
  mul,
  scalar,
  sqrt,
  square,
  sub,
  tidy,
  zerosLike,
} from "@tensorflow/tfjs-core";
import type { ResolvedOptimizer } from "../resolve/types.js";

/** Moments of one parameter by PyTorch's names (`exp_avg`, `momentum_buffer` …); empty before its first step. */
export type OptimizerState = Readonly<Record<string, Tensor>>;

export interface StepSettings {
  readonly lr: number;
  readonly weightDecay: number;
  /** This step's number, from 1. */
  readonly step: number;
}

/** What a parameter's step starts from. */
export interface Given {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly state: OptimizerState;
}

/** Both are the caller's; what came in stays the caller's too. */
export interface Updated {
  readonly parameter: Tensor;
  readonly state: OptimizerState;
}

export interface Optimizer {
  /** One step of several parameters, in their order. */
  update(given: readonly Given[], settings: StepSettings): readonly Updated[];
}

type OptimizerOf<Kind> = (settings: Extract<ResolvedOptimizer, { kind: Kind }>) => Optimizer;

/** Every optimizer by its name in the experiment. */
export const optimizers = {
  adam: ({ betas: [beta1, beta2], epsilon }) => ({
    /**
     * Adam (Kingma & Ba 2015), as PyTorch computes it, with L2 weight decay in the gradient:
     * m ← β₁m + (1 - β₁)g, v ← β₂v + (1 - β₂)g², θ ← θ - lr/(1 - β₁ᵗ) · m / (√v/√(1 - β₂ᵗ) + ε).
     */
    update(given, settings) {
      const adam = { ...settings, beta1, beta2, epsilon };
      const has = (kernel: string) => getKernel(kernel, getBackend()) !== undefined;
      if (has("AdamSteps")) return fusedAdam("AdamSteps", given, adam);
      if (has("AdamStep")) return given.flatMap((one) => fusedAdam("AdamStep", [one], adam));
      return given.map((one) => plainAdam(one, adam));
    },
  }),
  sgd: ({ momentum, nesterov }) => ({
    /** SGD with momentum, as PyTorch computes it: b ← μb + g (b = g at first), θ ← θ - lr·b, or lr·(g + μb) by Nesterov. */
    update: (given, { lr, weightDecay }) =>
      given.map(({ parameter, gradient, state: { momentum_buffer } }) =>
        together(() => {
          const g = decayed(gradient, parameter, weightDecay);
          const b =
            momentum_buffer === undefined ? g.clone() : add(mul(momentum_buffer, scalar(momentum)), g);
          const move = nesterov ? add(g, mul(b, scalar(momentum))) : b;
          return { parameter: sub(parameter, mul(move, scalar(lr))), momentum_buffer: b };
        }),
      ),
  }),
} satisfies { [Kind in ResolvedOptimizer["kind"]]: OptimizerOf<Kind> };

/** The moments that each keeps of every parameter from its first step on. */
export const moments: Readonly<Record<ResolvedOptimizer["kind"], readonly string[]>> = {
  adam: ["exp_avg", "exp_avg_sq"],
  sgd: ["momentum_buffer"],
};

/** The experiment's optimizer. */
export function createOptimizer(settings: ResolvedOptimizer): Optimizer {
  return (optimizers[settings.kind] as OptimizerOf<typeof settings.kind>)(settings as never);
}

interface AdamSettings extends StepSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

function plainAdam(
  { parameter, gradient, state: { exp_avg, exp_avg_sq } }: Given,
  { lr, weightDecay, step, beta1, beta2, epsilon }: AdamSettings,
): Updated {
  return together(() => {
    const g = decayed(gradient, parameter, weightDecay);
    const m = blend(exp_avg, g, beta1);
    const v = blend(exp_avg_sq, square(g), beta2);
    const denominator = add(mul(sqrt(v), scalar(1 / Math.sqrt(1 - beta2 ** step))), scalar(epsilon));
    const move = mul(div(m, denominator), scalar(lr / (1 - beta1 ** step)));
    return { parameter: sub(parameter, move), exp_avg: m, exp_avg_sq: v };
  });
}

/** The same in an engine's own kernel: `AdamStep` of one parameter, or `AdamSteps` of any number of them. */
function fusedAdam(kernel: string, given: readonly Given[], settings: AdamSettings): Updated[] {
  if (given.length === 0) return [];
  const fresh: Tensor[] = [];
  const momentOf = ({ parameter, state }: Given, name: string) => {
    const known = state[name];
    if (known !== undefined) return known;
    const zeros = zerosLike(parameter);
    fresh.push(zeros);
    return zeros;
  };
  const inputs = given.flatMap((one, at) => {
    const own = {
      parameter: one.parameter,
      gradient: one.gradient,
      exp_avg: momentOf(one, "exp_avg"),
      exp_avg_sq: momentOf(one, "exp_avg_sq"),
    };
    return Object.entries(own).map(([name, tensor]) => [at === 0 ? name : `${name}${at}`, tensor] as const);
  });
  const outputs = engine().runKernel(kernel, Object.fromEntries(inputs), { ...settings }) as Tensor[];
  dispose(fresh);
  return given.map((_, at) => {
    const [parameter, exp_avg, exp_avg_sq] = outputs.slice(3 * at, 3 * at + 3) as [Tensor, Tensor, Tensor];
    return { parameter, state: { exp_avg, exp_avg_sq } };
  });
}

function together(compute: () => { parameter: Tensor } & Record<string, Tensor>): Updated {
  const { parameter, ...state } = tidy(compute);
  return { parameter, state };
}

function decayed(gradient: Tensor, parameter: Tensor, weightDecay: number): Tensor {
  return weightDecay === 0 ? gradient : add(gradient, mul(parameter, scalar(weightDecay)));
}

/** old·β + now·(1 - β), with an old value of zero before the first step. */
function blend(old: Tensor | undefined, now: Tensor, beta: number): Tensor {
  const fresh = mul(now, scalar(1 - beta));
  return old === undefined ? fresh : add(mul(old, scalar(beta)), fresh);
}
