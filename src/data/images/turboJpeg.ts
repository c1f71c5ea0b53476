import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { userPath } from "../../userPath.js";
import type { Box, Pixels, Size } from "./resample.js";

/** Downscaling factor of the decoded image, along either side. */
export type Shrink = 1 | 2 | 4 | 8;

/**
 * libjpeg-turbo through its TurboJPEG 3 API: one call per image on this thread, without the threads and
 * allocations that libvips needs for each.
 */
export interface TurboJpeg {
  readonly file: string;
  /**
   * Decodes `box` (whole pixels of the downscaled image) to RGB, bit-identical to decoding the full image.
   * @param own the image's size, if known: nothing is decoded if the library finds another size @returns
   * pixels that are valid until the next call; null if this library cannot decode the image
   */
  decode(bytes: Uint8Array, box: Box, shrink: Shrink, own?: Size): Pixels | null;
}

/** The reason why the library is not used. */
export interface NoTurboJpeg {
  readonly reason: string;
}

let opened: Promise<TurboJpeg | NoTurboJpeg> | undefined;

/** The cached result of `openTurboJpeg`. */
export function turboJpeg(): Promise<TurboJpeg | NoTurboJpeg> {
  opened ??= openTurboJpeg(process.env.N2UQ_TURBOJPEG);
  return opened;
}

/**
 * @param named path of the library, `none` for none; default: the package @julusian/jpeg-turbo, then the
 * system's libraries
 */
export async function openTurboJpeg(named?: string): Promise<TurboJpeg | NoTurboJpeg> {
  if (named === "none") return { reason: "N2UQ_TURBOJPEG=none" };
  const koffi = await import("koffi").then(
    (module) => module.default,
    () => null,
  );
  if (koffi === null) return { reason: "the optional package koffi is not installed" };
  let reason = "no library was found";
  for (const file of named === undefined ? candidates() : [named.includes("/") ? userPath(named) : named]) {
    try {
      return bind(koffi, file);
    } catch (error) {
      reason = `${file}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return { reason };
}

function candidates(): string[] {
  const system = { darwin: "libturbojpeg.dylib", win32: "turbojpeg.dll" }[process.platform as "darwin"];
  return [...packaged(), system ?? "libturbojpeg.so.0"];
}

/** Path of the library in the package; only its Linux builds contain the library as a separate file. */
function packaged(): string[] {
  if (process.platform !== "linux") return [];
  try {
    const manifest = createRequire(import.meta.url).resolve("@julusian/jpeg-turbo/package.json");
    const build = join(dirname(manifest), "prebuilds", `jpeg-turbo-linux-${process.arch}`);
    return [build, `${build}-musl`].map((folder) => join(folder, "libturbojpeg.so.0"));
  } catch {
    return [];
  }
}

/** From turbojpeg.h. */
const [TJINIT_DECOMPRESS, TJPF_RGB, TJERR_WARNING] = [1, 0, 0];
const [TJPARAM_SUBSAMP, TJPARAM_JPEGWIDTH, TJPARAM_JPEGHEIGHT] = [4, 5, 6];
/** Block width in pixels by chroma subsampling: 4:4:4, 4:2:2, 4:2:0, gray, 4:4:0, 4:1:1, 4:4:1. */
const BLOCK_WIDTHS = [8, 16, 16, 8, 8, 32, 8];

/** Binds the library's functions. @throws Error if the file is not a TurboJPEG 3 library */
function bind(koffi: typeof import("koffi").default, file: string): TurboJpeg {
  const library = koffi.load(file);
  const factor = koffi.struct({ num: "int", denom: "int" });
  const region = koffi.struct({ x: "int", y: "int", w: "int", h: "int" });
  const init = library.func("tj3Init", "void *", ["int"]);
  const readHeader = library.func("tj3DecompressHeader", "int", ["void *", "uint8_t *", "size_t"]);
  const get = library.func("tj3Get", "int", ["void *", "int"]);
  const setScale = library.func("tj3SetScalingFactor", "int", ["void *", factor]);
  const setRegion = library.func("tj3SetCroppingRegion", "int", ["void *", region]);
  const decompress = library.func("tj3Decompress8", "int", [
    ...["void *", "uint8_t *", "size_t", "uint8_t *"],
    ...["int", "int"],
  ]);
  const errorCode = library.func("tj3GetErrorCode", "int", ["void *"]);
  const handle = init(TJINIT_DECOMPRESS);
  if (handle === null) throw new Error("tj3Init failed");
  /** A warning reports damage that was decoded as far as possible, as PIL and libvips do. */
  const fine = (status: number) => status === 0 || errorCode(handle) === TJERR_WARNING;
  let memory = new Uint8Array(0);

  return {
    file,
    decode(bytes, box, shrink, own) {
      if (!fine(readHeader(handle, bytes, bytes.length))) return null;
      const blocks = BLOCK_WIDTHS[get(handle, TJPARAM_SUBSAMP)];
      if (blocks === undefined || setScale(handle, { num: 1, denom: shrink }) !== 0) return null;
      const [width0, height0] = [get(handle, TJPARAM_JPEGWIDTH), get(handle, TJPARAM_JPEGHEIGHT)];
      if (own !== undefined && (own.width !== width0 || own.height !== height0)) return null;
      const [wide, high] = [Math.ceil(width0 / shrink), Math.ceil(height0 / shrink)];
      // Chroma is interpolated from neighboring pixels, so one more block is decoded on each side to keep the
      // result bit-identical.
      const block = blocks / shrink;
      const left = Math.max(0, Math.floor(box.left / block) - 1) * block;
      const right = Math.min(wide, box.left + box.width + block);
      const top = Math.max(0, box.top - block);
      const bottom = Math.min(high, box.top + box.height + block);
      const [width, height] = [right - left, bottom - top];
      if (setRegion(handle, { x: left, y: top, w: width, h: height }) !== 0) return null;
      if (memory.length < width * height * 3) memory = new Uint8Array(Math.ceil(width * height * 3 * 1.25));
      if (!fine(decompress(handle, bytes, bytes.length, memory, 0, TJPF_RGB))) return null;
      const data = memory.subarray(((box.top - top) * width + box.left - left) * 3);
      return { data, width: box.width, height: box.height, stride: width };
    },
  };
}
