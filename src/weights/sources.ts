import { join } from "node:path";

/** A named weights file. Each value was found in at least two independent places. */
export interface WeightsSource {
  readonly name: string;
  /** The owners' file name. */
  readonly file: string;
  /** Download URL; absent if the owners offer it only on a web page. */
  readonly url?: string;
  readonly page: string;
  /** The complete sha256, or its first eight digits, which torchvision puts into file names. */
  readonly sha256?: string;
  readonly bytes?: number;
  readonly summary: string;
}

const TORCHVISION = "https://download.pytorch.org/models";
const TORCHVISION_PAGE = "https://docs.pytorch.org/vision/stable/models.html";
const RELEASED_PAGE = "https://github.com/liuzechun/Nonuniform-to-Uniform-Quantization#3-pretrained-models";

function torchvision(
  name: string,
  file: string,
  summary: string,
  known: Partial<WeightsSource> = {},
): WeightsSource {
  const [, sha256] = /-([0-9a-f]{8})\.pth$/.exec(file) ?? [];
  return {
    name: `torchvision:${name}`,
    file,
    url: `${TORCHVISION}/${file}`,
    page: TORCHVISION_PAGE,
    ...(sha256 !== undefined && { sha256 }),
    summary,
    ...known,
  };
}

function released(name: string, file: string, layout = "pre-activation shortcut"): WeightsSource {
  const summary = `N2UQ's initial weights: full precision, ${layout}`;
  return { name: `n2uq:${name}`, file, page: RELEASED_PAGE, summary };
}

/**
 * Every named source. `torchvision:NAME` is torchvision's IMAGENET1K_V1, which the papers use;
 * `torchvision:NAME:v2` is IMAGENET1K_V2, trained with a later recipe.
 */
export const sources: readonly WeightsSource[] = [
  torchvision("resnet18", "resnet18-f37072fd.pth", "ImageNet, 69.8 % top-1", {
    sha256: "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec",
    bytes: 46_830_571,
  }),
  torchvision("resnet34", "resnet34-b627a593.pth", "ImageNet, 73.3 % top-1", {
    sha256: "b627a593bcbe140c234610266fe4f8ae95ea42fc881d091c9b6052e6b1d0590f",
  }),
  torchvision("resnet50", "resnet50-0676ba61.pth", "ImageNet, 76.1 % top-1", {
    sha256: "0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a",
    bytes: 102_530_333,
  }),
  torchvision("resnet50:v2", "resnet50-11ad3fa6.pth", "ImageNet, 80.9 % top-1"),
  torchvision("resnet101", "resnet101-63fe2227.pth", "ImageNet, 77.4 % top-1: the papers' teacher", {
    sha256: "63fe2227b86e8f1f2063f43a75c84d195911b6a0eace650907dd3dc62dd49a0a",
  }),
  torchvision("resnet101:v2", "resnet101-cd907fc2.pth", "ImageNet, 81.9 % top-1"),
  torchvision("mobilenet-v2", "mobilenet_v2-b0353104.pth", "ImageNet, 71.9 % top-1"),
  torchvision("mobilenet-v2:v2", "mobilenet_v2-7ebf99e0.pth", "ImageNet, 72.2 % top-1", {
    sha256: "7ebf99e03e254b273379b23edca7ec0da9f48273b23a332b93c1c99d49e86e8f",
  }),
  released("resnet18", "real_res18.pth.tar"),
  released("resnet34", "real_res34.pth.tar"),
  released("resnet50", "real_res50.pth.tar"),
  released("mobilenet-v2", "real_mbv2.pth.tar", "the released layout"),
];

export function findSource(name: string): WeightsSource | undefined {
  return sources.find((source) => source.name === name);
}

/** Whether a text is a source's name, not a path. */
export function isSourceName(text: string): boolean {
  return /^[a-z][a-z0-9]+:[^/\\]+$/i.test(text);
}

/**
 * Possible files of named weights in the models folder, in order of precedence:
 * `torchvision-resnet18.safetensors` (or .pth, …), added by the user, then the owners' file name.
 */
export function placesOf(name: string, models: string, source = findSource(name)): string[] {
  const own = name.replaceAll(":", "-");
  const names = [".safetensors", ".pth", ".pt", ".pth.tar"].map((ending) => own + ending);
  return [...names, ...(source === undefined ? [] : [source.file])].map((file) => join(models, file));
}
