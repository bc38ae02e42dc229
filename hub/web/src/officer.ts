/* officer - whose hands are on this desk: asked once, kept for the page's session, sent with every act. */

import { el } from './dom';
import { text } from './text';

const KEY = 'vedette-officer';
const NAME_MAX = 40;

export function officer(): string | null {
  return sessionStorage.getItem(KEY);
}

export function askOfficer(): Promise<string | null> {
  return new Promise((resolve) => {
    const input = el('input', { name: 'by', required: true, maxlength: NAME_MAX, autocomplete: 'off', id: 'officer-name' });
    const form = el('form', { method: 'dialog' }, el('h2', {}, text.ack),
      el('label', { for: 'officer-name' }, text.who), input, el('p', {}, text.whoHint),
      el('div', { class: 'actions' }, el('button', { class: 'plain', type: 'button', onclick: () => dialog.close('') }, text.cancel),
        el('button', { class: 'plain primary', type: 'submit', value: 'ok' }, text.ok)));
    const dialog = el('dialog', { class: 'who', 'aria-label': text.who }, form);
    dialog.addEventListener('close', () => {
      const name = input.value.trim().slice(0, NAME_MAX);
      dialog.remove();
      if (dialog.returnValue !== 'ok' || !name)
        return resolve(null);
      sessionStorage.setItem(KEY, name);
      resolve(name);
    });
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}
