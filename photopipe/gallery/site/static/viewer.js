import { element, extension, srcset, toast } from './dom.js';
import PhotoSwipe from './photoswipe/photoswipe.esm.min.js';
const OPTIONS = {
  bgOpacity: 1, loop: false, wheelToZoom: true, returnFocus: false, maxZoomLevel: 4, indexIndicatorSep: ' of ',
  arrowPrevTitle: 'Newer photo', arrowNextTitle: 'Older photo', errorMsg: 'This picture cannot be shown.',
};
const ICONS = new URL('icons.svg', import.meta.url);
/** Opens the viewer over the whole gallery. */
export async function open(index, grid, photos) {
  await photos.full(index);
  if (document.querySelector('.pswp')) return;
  const { write } = grid.main.dataset;
  const caption = element('div', { className: 'pswp__caption pswp__hide-on-close' });
  const details = element('div', { className: 'details pswp__hide-on-close', role: 'region', ariaLabel: 'Details' });
  Object.assign(details, { hidden: true, tabIndex: 0 });
  const paddingFn = () => {  // room for the details, which are at the right or, on a phone, below
    const { offsetWidth: x, offsetHeight: y } = details;
    return { top: 0, left: 0, right: x < innerWidth ? x : 0, bottom: x < innerWidth ? 0 : y };
  };
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const pswp = new PhotoSwipe({ ...OPTIONS, index, paddingFn, showHideAnimationType: isCalm ? 'none' : 'zoom' });
  const current = () => photos.at(pswp.currIndex);
  pswp.addFilter('numItems', () => photos.total);
  pswp.addFilter('thumbEl', (_, __, i) => grid.link(photos.at(i))?.querySelector('img'));
  pswp.addFilter('placeholderSrc', (_, content) => content.data.thumbnails?.[0].url);
  pswp.addFilter('itemData', (_, i) => {
    const tile = photos.at(i);
    if (tile?.sources) return { ...tile, src: tile.sources.at(-1).url, srcset: srcset(tile.sources) };
    if (tile?.url) return { text: extension(tile) };
    photos.full(i).then(() => pswp.refreshSlideContent(i), (error) => console.warn(error.message));
    return { text: '' };
  });
  pswp.on('contentAppend', ({ content: { data, element: made } }) => { if (!data.src) made.textContent = data.text; });
  async function showDetails() {
    const tile = current();
    if (details.hidden) return;
    const answer = await fetch(grid.pageOf(tile));  // the photo's own page says the same
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (tile === current()) details.replaceChildren(...page.querySelectorAll('.about > *'));
  }
  function toggleDetails() {
    details.hidden = !details.hidden;
    pswp.element.classList.toggle('has-details', !details.hidden);
    pswp.updateSize(true);
    showDetails();
  }
  async function change(method, address) {
    const day = photos.dayOf(pswp.currIndex);
    const answer = await fetch(address, { method });
    if (!answer.ok) throw new Error((await answer.json()).detail);
    await photos.refresh();
    if (pswp.isDestroying) return;
    if (!photos.total) return void pswp.close();
    if (photos.days.includes(day)) await photos.load(day);
    pswp.contentLoader.destroy();  // other photos have moved into the places around
    if (pswp.currIndex >= photos.total) pswp.goTo(photos.total - 1);
    for (const step of [-1, 1, 0]) pswp.refreshSlideContent(pswp.currIndex + step);
  }
  function remove() {
    const address = write.replace('{id}', current().id);
    const report = (error) => toast(`This did not work: ${error.message}`);
    const undo = () => change('POST', `${address}/restore`).catch(report);
    change('DELETE', address).then(() => toast('Moved to the trash.', 'Undo', undo), report);
  }
  function addButton(name, title, order, more) {
    const html = `<svg class="pswp__icn" viewBox="0 0 32 32"><use href="${ICONS}#${name}"/></svg>`;
    pswp.ui.registerElement({ name, title, html, order, isButton: true, ...more });
  }
  const fileLink = (fileOf) => ({ tagName: 'a', onInit: (made) => pswp.on('change', () => {
    const file = current()?.url && fileOf(current());
    Object.assign(made, { hidden: !file, href: file?.url, download: file?.name });
  }) });
  pswp.on('uiRegister', () => {
    addButton('download', 'Download', 11, fileLink((tile) => tile));
    addButton('original', 'Download the original', 12, fileLink((tile) => tile.original));
    addButton('details', 'Details (I)', 13, { onClick: toggleDetails });
    if (write) addButton('remove', 'Delete', 14, { onClick: remove });
  });
  pswp.on('change', () => {
    const tile = current();
    if (!tile?.url) return;
    history.replaceState({}, '', grid.pageOf(tile));
    caption.textContent = tile.caption ?? tile.title ?? '';
    grid.show(pswp.currIndex);
    showDetails();
  });
  pswp.on('keydown', ({ originalEvent: event }) => {
    const keys = { i: toggleDetails, Home: () => pswp.goTo(0), Delete: write && remove };
    keys.End = () => pswp.goTo(photos.total - 1);
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  let isBack = false;
  const early = [];  // keys that are pressed while it opens
  const wait = (event) => { event.preventDefault(); early.push(event.key); };
  const goBack = () => { isBack = true; pswp.close(); };
  pswp.on('destroy', () => {
    removeEventListener('popstate', goBack);
    document.body.append(...pswp.element.querySelectorAll('.toast'));
    grid.link(current())?.focus({ preventScroll: true });
    if (!isBack) history.back();
    setTimeout(() => { history.scrollRestoration = 'auto'; }, 100);
  });
  addEventListener('keydown', wait);
  addEventListener('popstate', goBack);
  history.scrollRestoration = 'manual';  // the grid moves along
  history.pushState({}, '');
  pswp.init();
  pswp.element.ariaLabel = 'Photo viewer';
  pswp.element.append(caption, details);
  pswp.on('openingAnimationEnd', () => {
    removeEventListener('keydown', wait);
    for (const key of early) document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    if (isBack) pswp.close();
  });
}
