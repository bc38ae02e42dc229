/* keys - single keys to actions; the help sheet is drawn from the same table. Never while someone types. */

export interface Key {
  keys: string[]; /* KeyboardEvent.key values */
  shown: string[];
  what: string;
  group: 'chart' | 'track' | 'view';
  run: (e: KeyboardEvent) => void;
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}

export function bindKeys(keys: Key[], busy: () => boolean): void {
  const table = new Map<string, Key>();
  for (const k of keys)
    for (const name of k.keys)
      table.set(name, k);
  document.addEventListener('keydown', (e) => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || busy())
      return;
    const k = table.get(e.key.length === 1 ? e.key.toLowerCase() : e.key);
    if (!k)
      return;
    e.preventDefault();
    k.run(e);
  });
}
