import { type FileHandle, open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { N2uqError } from "../../errors.js";
import { stopWhereAsked } from "../interrupted.js";
import { printable } from "../printable.js";
import { labelIn } from "./label.js";
import { checkUnpacked } from "./packed.js";
import { type TarMember, tarMembers } from "./tar.js";

const IMAGES = ["jpg", "jpeg", "png", "webp"];
/** Maximum number of incomplete samples stored by name. */
const MOST_NAMED = 1000;
/** Maximum size of an image member: the index stores sizes in 32 bits. */
const LARGEST = 2 ** 32 - 1;

/** A sample with an image and a label. */
export interface Sample {
  readonly key: string;
  readonly image: TarMember;
  readonly label: number;
}

/** A skipped sample. */
export interface Incomplete {
  readonly key: string;
  readonly lacks: "image" | "label";
  readonly why: string;
}

/** The content of one tar file. */
export interface Samples {
  readonly found: readonly Sample[];
  readonly incomplete: number;
  /** The first incomplete samples. */
  readonly named: readonly Incomplete[];
  /** Whether the end marker is present. */
  readonly ended: boolean;
}

/**
 * Scans a tar file: consecutive members whose names agree up to the first dot form a sample. @throws
 * N2uqError N2UQ_DATA_NO_SHARDS, N2UQ_DATA_SHARD, N2UQ_DATA_SHARD_PACKED, N2UQ_DATA_SHARD_SAMPLE,
 * N2UQ_DATA_LABEL, N2UQ_DATA_LABEL_TEXT, N2UQ_DATA_INTERRUPTED
 */
export async function samplesIn(file: string, signal?: AbortSignal): Promise<Samples> {
  const gathering = new Gathering(file);
  let handle: FileHandle | undefined;
  try {
    const about = await stat(file);
    if (!about.isFile()) throw new Error("it is a folder or a device");
    if (about.size === 0) throw new Error("it has no bytes");
    handle = await open(file, "r");
    await checkUnpacked(handle, file);
    const members = tarMembers(handle, signal);
    for (let next = await members.next(); ; next = await members.next()) {
      if (next.done) return gathering.end(next.value);
      await gathering.take(next.value);
    }
  } catch (error) {
    stopWhereAsked(signal);
    if (error instanceof N2uqError) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw new N2uqError("N2UQ_DATA_SHARD", { file, problem, count: gathering.count }, { cause: error });
  } finally {
    await handle?.close();
  }
}

interface Begun {
  readonly key: string;
  image?: TarMember;
  label?: number;
  labelFrom?: string;
  noLabel?: string;
  readonly extensions: string[];
}

class Gathering {
  readonly #file: string;
  readonly #found: Sample[] = [];
  readonly #named: Incomplete[] = [];
  readonly #over = new Set<string>();
  #incomplete = 0;
  #now: Begun | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  get count(): number {
    const begun = this.#now?.image !== undefined && this.#now.label !== undefined;
    return this.#found.length + (begun ? 1 : 0);
  }

  async take(member: TarMember): Promise<void> {
    const [key, extension] = partsOf(member.name);
    if (key === null) return;
    if (this.#now?.key !== key) {
      this.#close();
      if (this.#over.has(key)) {
        const remedy = "Pack the members in the order of their names: `tar --sort=name -cf FILE FOLDER`.";
        throw this.#wrong(
          key,
          "is in two places: there are members of other samples between its members",
          remedy,
        );
      }
      this.#now = { key, extensions: [] };
    }
    const sample = this.#now;
    if (sample.extensions.length < 20) sample.extensions.push(extension);
    if (IMAGES.includes(extension)) {
      if (sample.image !== undefined) {
        const names = `${basename(sample.image.name)} and ${basename(member.name)}`;
        const remedy =
          "Remove one, or give it an extension of two parts, such as NAME.mask.png, so that n2uq ignores it.";
        throw this.#wrong(key, `has two images: ${printable(names)}`, remedy);
      }
      if (member.size > LARGEST) throw new Error(`the image ${printable(member.name)} is too large`);
      sample.image = member;
    } else if (extension === "cls" || extension === "json") await this.#label(sample, member, extension);
  }

  end(ended: boolean): Samples {
    this.#close();
    const [first] = this.#named;
    if (this.#found.length === 0 && first !== undefined && first.why.includes(DOTTED)) {
      throw this.#wrong(
        first.key,
        first.why,
        "Replace the other dots in the names of samples: img_v1_0001.jpg.",
      );
    }
    return { found: this.#found, incomplete: this.#incomplete, named: this.#named, ended };
  }

  /** `.cls` takes precedence over `.json`. */
  async #label(sample: Begun, member: TarMember, extension: string): Promise<void> {
    if (sample.labelFrom === "cls" && extension === "json") return;
    const label = await labelIn(member, extension, `${this.#file}/${printable(member.name)}`);
    if ("none" in label) sample.noLabel = label.none;
    else {
      sample.label = label.value;
      sample.labelFrom = extension;
    }
  }

  #close(): void {
    if (this.#now === null) return;
    const { key, image, label } = this.#now;
    this.#over.add(key);
    if (image !== undefined && label !== undefined) this.#found.push({ key, image, label });
    else {
      this.#incomplete += 1;
      const lacks = image === undefined ? "image" : "label";
      if (this.#named.length < MOST_NAMED) this.#named.push({ key, lacks, why: whyIncomplete(this.#now) });
    }
  }

  #wrong(key: string, problem: string, remedy: string): N2uqError {
    return new N2uqError("N2UQ_DATA_SHARD_SAMPLE", {
      key: printable(key),
      file: this.#file,
      problem,
      remedy,
    });
  }
}

const DOTTED = "a sample's name ends at its first dot";

function whyIncomplete({ image, extensions, noLabel }: Begun): string {
  const dotted = extensions.find((one) => IMAGES.includes(one.split(".").at(-1) ?? ""));
  if (image === undefined && dotted !== undefined)
    return `has no image: ${DOTTED}, so its file is called ${printable(`.${dotted}`, 60)}`;
  const others = extensions.slice(0, 4).map((one) => printable(`.${one}`, 20));
  if (image === undefined)
    return `has no image: its files are ${others.join(", ")}; images are ${IMAGES.map((one) => `.${one}`).join(", ")}`;
  return `has no label: ${noLabel ?? `its files are ${others.join(", ")}; labels are in .cls or .json`}`;
}

/**
 * Splits a member's name into sample and extension: `a/b.c/d.seg.png` has the extension `seg.png` and belongs
 * to the sample `a/b.c/d`. Hidden files belong to no sample.
 */
function partsOf(name: string): [key: string | null, extension: string] {
  const base = basename(name);
  const dot = base.indexOf(".");
  if (dot < 1) return [null, ""];
  return [name.slice(0, name.length - base.length + dot), base.slice(dot + 1).toLowerCase()];
}
