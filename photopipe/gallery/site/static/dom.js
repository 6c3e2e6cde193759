/** Makes an element. Text goes in as text, never as HTML. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
export const srcset = (pictures) => pictures.map(({ url, width }) => `${url} ${width}w`).join(', ');
export const extension = ({ name }) => name.split('.').at(-1).toUpperCase();
const words = (day, form) => new Date(day.slice(0, 10)).toLocaleDateString('en-GB', { timeZone: 'UTC', ...form });
const dateInWords = (day) => words(day, { day: 'numeric', month: 'long', year: 'numeric' });
export const monthInWords = (day) => words(day, { month: 'long', year: 'numeric' });
export const dayInWords = (day) => `${words(day, { weekday: 'long' })}, ${dateInWords(day)}`;
export const timeInWords = (taken) => `${dateInWords(taken)}, ${taken.slice(11, 16)}`;
export const countInWords = (count, word = 'photo') => `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
/** Shows a message at the bottom for eight seconds, with a button if there is something to do about it. */
export function toast(text, label, action) {
  document.querySelector('.toast')?.remove();
  const message = element('div', { className: 'toast', role: 'status' }, element('span', { textContent: text }));
  if (label) message.append(element('button', { textContent: label, onclick: () => { message.remove(); action(); } }));
  (document.querySelector('.pswp') ?? document.body).append(message);  // the viewer keeps the focus inside itself
  setTimeout(() => message.remove(), 8000);
}
