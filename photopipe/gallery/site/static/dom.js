/** Small things for making elements and words. Text from photos becomes text nodes or attributes, never HTML. */

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const format = (options) => {
  const made = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options });
  return (day) => made.format(new Date(`${day.slice(0, 10)}T00:00:00Z`));
};
const weekday = format({ weekday: 'long' });
export const dateInWords = format({ day: 'numeric', month: 'long', year: 'numeric' });
export const monthInWords = format({ month: 'long', year: 'numeric' });
export const dayInWords = (day) => `${weekday(day)}, ${dateInWords(day)}`;
export const photosInWords = (count) => `${count.toLocaleString('en')} photo${count === 1 ? '' : 's'}`;

/** A message at the bottom for eight seconds, with a button if there is something to do about it. */
export function toast(text, label, action) {
  document.querySelector('.toast')?.remove();
  const message = element('div', { className: 'toast', role: 'status' }, element('span', { textContent: text }));
  if (label) message.append(element('button', { textContent: label, onclick: () => { message.remove(); action(); } }));
  (document.querySelector('.pswp') ?? document.body).append(message);  // the viewer keeps the focus inside itself
  setTimeout(() => message.remove(), 8000);
}
