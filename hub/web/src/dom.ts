/* dom - elements without markup strings: nothing from the wire is ever parsed as HTML. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((e: Event) => void)>;

export function el<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {},
  ...children: Child[]): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function')
      e.addEventListener(key.slice(2), value);
    else if (value === true)
      e.setAttribute(key, '');
    else if (value !== false && value != null)
      e.setAttribute(key, String(value));
  }
  for (const child of children)
    if (child)
      e.append(child);
  return e;
}

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/* Writes only what changed: a live region speaks, and a reader's selection survives. */
export function setText(e: Element, text: string): void {
  if (e.textContent !== text)
    e.textContent = text;
}

const SVG = 'http://www.w3.org/2000/svg';

/* A 16 px line icon from path data. */
export function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const p = document.createElementNS(SVG, 'path');
  p.setAttribute('d', path);
  svg.append(p);
  return svg;
}

export const ICON = {
  radar: 'M8 8 12.6 3.4M8 8m-6 0a6 6 0 1 0 12 0a6 6 0 0 0-3-5.2M8 8m-2.700 0a2.700 2.700 0 1 0 5.400 0',
  ais: 'M8 7v7M5.500 14h5M5.200 9.800a4 4 0 0 1 0-5.600M10.800 4.200a4 4 0 0 1 0 5.600M3.200 11.800a6.800 6.800 0 0 1 0-9.600M12.800 2.200a6.800 6.800 0 0 1 0 9.600M8 7m-.8 0a.8.8 0 1 0 1.600 0a.8.8 0 1 0-1.600 0',
  camera: 'M1.500 5h3l1.200-2h4.600l1.200 2h3v8h-13zM8 8.800m-2.400 0a2.400 2.400 0 1 0 4.800 0a2.400 2.400 0 1 0-4.800 0',
  adsb: 'M8 1.500 8.800 6l5.700 3v1.300L8.800 9l-.4 3.600 1.800 1.200v.9L8 14.100l-2.200.6v-.9l1.800-1.200L7.200 9l-5.700 1.300V9l5.700-3z',
  peer: 'M2 8h12M10 4l4 4-4 4M6 4 2 8l4 4',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  home: 'M2.500 8 8 3l5.500 5M4.200 7v6h7.600V7',
  measure: 'M2 12.500 12.500 2l2 2L4 14.500zM5 9.500l1.500 1.500M7.500 7 9 8.500M10 4.500 11.500 6',
  layers: 'M8 2 14 5.500 8 9 2 5.500zM2 8.500 8 12l6-3.500',
  close: 'M4 4l8 8M12 4l-8 8',
  find: 'M7 7m-4.500 0a4.500 4.500 0 1 0 9 0a4.500 4.500 0 1 0-9 0M10.500 10.500 14 14',
  centre: 'M8 1.500v3M8 11.500v3M1.500 8h3M11.500 8h3M8 8m-3.500 0a3.500 3.500 0 1 0 7 0a3.500 3.500 0 1 0-7 0',
  bell: 'M4 11V7a4 4 0 0 1 8 0v4l1.200 1.500H2.800zM6.700 14.200h2.600',
  mute: 'M4 11V7a4 4 0 0 1 6.500-3.100M12 7v4l1.200 1.500H2.800L4 11M6.700 14.200h2.600M2 2l12 12',
  vector: 'M3 13 12 4M7.500 3.500H12.500V8.500M3 13m-1.200 0a1.200 1.200 0 1 0 2.400 0a1.200 1.200 0 1 0-2.400 0',
} as const;
