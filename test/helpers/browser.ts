import type { Browser } from "playwright-core";

/** Flags that disable Chromium's background activity. */
export const quiet = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** Opens the page and measures it. */
export async function look(browser: Browser, file: string, width: number, colorScheme: "light" | "dark") {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const [messages, requests]: [string[], string[]] = [[], []];
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith("data:")) requests.push(request.url());
  });
  await page.goto(`file://${file}`);
  // The code is a string, because it runs in the page, and the types of the page are not available here.
  const measured = (await page.evaluate(MEASURE)) as {
    overflow: number;
    charts: { label: string; marks: number; height: number; outside: number }[];
    smallest: number;
    contrast: number;
    background: string;
  };
  await page.close();
  return { ...measured, messages, requests };
}

const MEASURE = `(() => {
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((v) => {
      const part = Number(v) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (color !== "rgba(0, 0, 0, 0)") return color;
    }
    return "rgb(255, 255, 255)";
  };
  const contrast = (element, color) => {
    const [a, b] = [luminance(color), luminance(paper(element))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const charts = [...document.querySelectorAll("svg")].map((svg) => {
    const box = svg.getBoundingClientRect();
    const parts = [...svg.querySelectorAll("text")].map((part) => part.getBoundingClientRect());
    const outside = parts.filter((p) => p.left < box.left - 1 || p.right > box.right + 1 || p.top < box.top - 1 || p.bottom > box.bottom + 1);
    const marks = svg.querySelectorAll("path").length;
    return { label: svg.getAttribute("aria-label"), marks, height: box.height, outside: outside.length };
  });
  const texts = [...document.querySelectorAll("svg text")].map((text) => {
    const box = text.ownerSVGElement;
    const scale = box.getBoundingClientRect().width / box.viewBox.baseVal.width;
    const style = getComputedStyle(text);
    return { size: parseFloat(style.fontSize) * scale, contrast: contrast(text, style.fill) };
  });
  const words = [...document.querySelectorAll("p, b, a, td, th, h1, h2, h3, li, figcaption, span.quiet, footer, code")]
    .map((one) => contrast(one, getComputedStyle(one).color));
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    charts,
    smallest: Math.min(...texts.map(({ size }) => size)),
    contrast: Math.min(...words, ...texts.map((one) => one.contrast)),
    background: getComputedStyle(document.body).backgroundColor,
  };
})()`;
