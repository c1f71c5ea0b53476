import { N2uqError } from "../errors.js";
import { withDefaults } from "../schema/defaults.js";
import type { Data } from "../schema/generated/experiment.js";
import type { ResolvedData } from "../schema/generated/resolved.js";
import { cachedFiles, cacheProblems, folderOf } from "./cache.js";
import { cifar10 } from "./cifar10.js";
import { cifar100 } from "./cifar100.js";
import { imageFolder, imagenet } from "./imageFolder.js";
import { partOf } from "./images/split.js";
import { mnist } from "./mnist.js";
import { shards } from "./shards.js";
import { synthetic } from "./synthetic.js";
import type { Dataset, DatasetInfo, DatasetName, DatasetSizes, LoadedDataset, LoadOptions } from "./types.js";

/** Every data set by its name in the experiment. */
export const datasets = {
  cifar10,
  cifar100,
  "image-folder": imageFolder,
  imagenet,
  mnist,
  shards,
  synthetic,
} satisfies { [Name in DatasetName]: Dataset<Name> };

function datasetOf({ dataset }: ResolvedData): Dataset {
  return datasets[dataset] as Dataset;
}

/**
 * Facts of a data set that are known without reading images, such as class count and image size. @throws
 * N2uqError N2UQ_DATA_*
 */
export async function datasetInfo(settings: ResolvedData): Promise<DatasetInfo> {
  return datasetOf(settings).info(settings);
}

/** The number of images in a data set, before any limit. @throws N2uqError N2UQ_DATA_* */
export async function datasetSizes(settings: ResolvedData, options: LoadOptions = {}): Promise<DatasetSizes> {
  return datasetOf(settings).sizes(settings, options);
}

/**
 * Reads a data set (fetching it on first use) and applies the declared limits. @throws N2uqError N2UQ_DATA_*
 */
export async function loadDataset(settings: ResolvedData, options: LoadOptions = {}): Promise<LoadedDataset> {
  const { info, train, test } = await datasetOf(settings).load(settings, options);
  const { trainLimit, testLimit } = settings;
  return {
    info,
    train: trainLimit === null ? train : partOf(train, 0, trainLimit),
    test: testLimit === null ? test : partOf(test, 0, testLimit),
  };
}

/** One line of `n2uq data list`. */
export interface DatasetState extends Omit<DatasetInfo, "mean" | "std" | "classNames">, DatasetSizes {
  readonly summary: string;
  readonly cached: boolean;
  readonly bytes: number;
  readonly path: string | null;
}

/** Lists every published data set and whether it is cached. */
export async function listDatasets(): Promise<DatasetState[]> {
  const published = Object.values(datasets as Readonly<Record<string, Dataset>>).filter(
    (one) => one.isPublished,
  );
  return Promise.all(
    published.map(async (dataset) => {
      const settings = withDefaults("data", { dataset: dataset.name } as Data);
      const { mean: _, std: __, classNames: ___, ...info } = await dataset.info(settings);
      const path = await datasetPath(dataset.name);
      const bytes = dataset.source?.files.reduce((sum, file) => sum + file.bytes, 0) ?? 0;
      return {
        ...info,
        ...(await dataset.sizes(settings, {})),
        summary: dataset.summary,
        cached: path !== null,
        bytes: path === null ? 0 : bytes,
        path,
      };
    }),
  );
}

/** Downloads a data set into the cache. @throws N2uqError N2UQ_DATA_* */
export async function fetchDataset(name: string, options: LoadOptions = {}): Promise<void> {
  await cachedFiles(sourceOf(name), options);
}

/** Compares every cached file with its checksum. @throws N2uqError N2UQ_DATA_UNKNOWN */
export async function verifyDataset(name: string): Promise<{ ok: boolean; problems: string[] }> {
  const problems = await cacheProblems(sourceOf(name));
  return { ok: problems.length === 0, problems };
}

/** The folder of a data set that is fetched and intact, or null. @throws N2uqError N2UQ_DATA_UNKNOWN */
export async function datasetPath(name: string): Promise<string | null> {
  const { source } = find(name);
  if (source === undefined) return null;
  return (await cacheProblems(source)).length === 0 ? folderOf(source) : null;
}

function find(name: string): Dataset {
  const dataset = Object.hasOwn(datasets, name) ? datasets[name as DatasetName] : undefined;
  if (dataset !== undefined) return dataset as Dataset;
  throw new N2uqError("N2UQ_DATA_UNKNOWN", { name, known: Object.keys(datasets).join(", ") });
}

function sourceOf(name: string) {
  const { source } = find(name);
  if (source !== undefined) return source;
  throw new N2uqError("N2UQ_DATA_NOT_FETCHED", { name });
}
