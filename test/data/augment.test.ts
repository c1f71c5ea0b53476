import { test } from "tap";
import { centreView, randomCrop } from "../../src/data/images/crop.js";
import { changeColors, drawColors } from "../../src/data/images/jitter.js";
import { normalizeImages, standardValues } from "../../src/data/images/normalize.js";
import { stream } from "../../src/random.js";
import { crops, picture } from "./images.js";

test("random crops lie inside, cover the area and the ratio that were asked for, and each place alike", (t) => {
  const size = { width: 500, height: 375 };
  const next = stream(1, "crops");
  const boxes = Array.from({ length: 20000 }, () => randomCrop(size, crops, next));
  t.ok(
    boxes.every(
      ({ left, top, width, height }) => left >= 0 && top >= 0 && left + width <= 500 && top + height <= 375,
    ),
  );
  const shares = boxes.map(({ width, height }) => (width * height) / (500 * 375));
  t.ok(Math.min(...shares) > 0.075 && Math.max(...shares) <= 1);
  const ratios = boxes.map(({ width, height }) => width / height);
  t.ok(ratios.every((ratio) => ratio > 0.73 && ratio < 1.37));
  const logMean = ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length;
  t.ok(Math.abs(logMean) < 0.06, `mean logarithm of the ratio ${logMean}`);
  // The position of a small crop is uniform: the mean of left / (its maximum) is a half, its variance a
  // twelfth.
  const places = boxes.filter(({ width }) => width < 300).map(({ left, width }) => left / (500 - width));
  const mean = places.reduce((sum, place) => sum + place, 0) / places.length;
  const variance = places.reduce((sum, place) => sum + (place - mean) ** 2, 0) / places.length;
  t.ok(Math.abs(mean - 0.5) < 0.01 && Math.abs(variance - 1 / 12) < 0.004, `${mean} ${variance}`);
  t.end();
});

test("where no crop fits, the largest allowed middle is taken", (t) => {
  const full = { scale: [1, 1], ratio: [1, 1] } as const;
  t.same(randomCrop({ width: 100, height: 400 }, full, stream(0, "x")), {
    left: 0,
    top: 150,
    width: 100,
    height: 100,
  });
  t.same(randomCrop({ width: 401, height: 100 }, full, stream(0, "x")), {
    left: 150,
    top: 0,
    width: 100,
    height: 100,
  });
  t.end();
});

test("the center crop equals torchvision's", (t) => {
  const cut = { width: 224, height: 224 };
  t.match(centreView({ width: 500, height: 375 }, 256, cut), {
    size: { width: 341, height: 256 },
    cut: { left: 58, top: 16 },
  });
  t.match(centreView({ width: 375, height: 500 }, 256, cut), {
    size: { width: 256, height: 341 },
    cut: { left: 16, top: 58 },
  });
  t.end();
});

test("color jitter changes exactly the declared properties", (t) => {
  const pixels = new Uint8Array([10, 20, 30, 200, 100, 250]);
  const changed = (kind: "brightness" | "contrast" | "saturation", factor: number) => {
    const copy = pixels.slice();
    changeColors(copy, [{ kind, factor }]);
    return [...copy];
  };
  t.same(changed("brightness", 1.5), [15, 30, 45, 255, 150, 255]);
  t.same(changed("brightness", 0), [0, 0, 0, 0, 0, 0]);
  t.same(changed("saturation", 0), [18, 18, 18, 147, 147, 147]);
  t.same(changed("contrast", 0), [83, 83, 83, 83, 83, 83], "mean grey (18 + 147) / 2, rounded");
  for (const kind of ["brightness", "contrast", "saturation"] as const) t.same(changed(kind, 1), [...pixels]);
  const next = stream(0, "colours");
  t.same(drawColors(crops.colorJitter, next), [], "nothing is drawn where nothing varies");
  const drawn = Array.from({ length: 3000 }, () =>
    drawColors({ brightness: 0.4, contrast: 0, saturation: 2 }, next),
  );
  const factors = (kind: string) =>
    drawn.flatMap((all) => all.filter((one) => one.kind === kind).map(({ factor }) => factor));
  t.ok(factors("brightness").every((factor) => factor >= 0.6 && factor <= 1.4));
  t.ok(Math.min(...factors("saturation")) < 0.05 && Math.max(...factors("saturation")) > 2.9);
  const first = drawn.filter(([one]) => one?.kind === "brightness").length / drawn.length;
  t.ok(Math.abs(first - 0.5) < 0.05, "either comes first as often");
  t.end();
});

test("normalized pixels are (pixel/255 - mean)/std, mirrored within rows", (t) => {
  const [mean, std] = [
    [0.4, 0.5, 0.6],
    [0.2, 0.3, 0.4],
  ];
  const values = standardValues({
    name: "x",
    classes: 2,
    imageSize: [4, 5],
    channels: 3,
    mean: mean!,
    std: std!,
  });
  const pixels = new Uint8Array(picture(1, 1, 5, 4));
  for (const mirrored of [false, true]) {
    const target = new Float32Array(60);
    normalizeImages(
      pixels,
      { height: 4, width: 5, channels: 3 },
      values,
      { top: 0, left: 0, mirrored },
      target,
    );
    for (let i = 0; i < 60; i++) {
      const [c, x, y] = [i % 3, Math.floor(i / 3) % 5, Math.floor(i / 15)];
      const pixel = pixels[(y * 5 + (mirrored ? 4 - x : x)) * 3 + c]!;
      const wanted = (pixel / 255 - mean![c]!) / std![c]!;
      if (Math.abs(target[i]! - wanted) > 1e-5) t.fail(`${mirrored} ${i}: ${target[i]} ${wanted}`);
    }
  }
  t.pass("all of them");
  t.end();
});
