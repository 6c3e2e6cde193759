import { element, extension, srcset, toast } from './dom.js';
import PhotoSwipe from './photoswipe/photoswipe.esm.min.js';

const here = (name) => new URL(name, import.meta.url).href;
const sheet = element('link', { rel: 'stylesheet', href: here('photoswipe/photoswipe.css') });
const isStyled = new Promise((resolve) => { sheet.onload = sheet.onerror = resolve; });
document.head.prepend(sheet);

/** Opens the viewer over the whole gallery. */
export async function open(first, grid, photos) {
  await Promise.all([isStyled, photos.full(first)]);
  if (document.querySelector('.pswp')) return;
  const { write } = grid.main.dataset;
  const { title } = document;
  let [caption, details, isBack] = [];
  const early = [];  // keys that were pressed while it opened
  const pswp = new PhotoSwipe({
    index: first, bgOpacity: 1, loop: false, wheelToZoom: true, returnFocus: false, maxZoomLevel: 4,
    showHideAnimationType: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'none' : 'zoom',
    arrowPrevTitle: 'Newer photo', arrowNextTitle: 'Older photo', indexIndicatorSep: ' of ',
    errorMsg: 'This picture cannot be shown.',
    paddingFn: () => {  // room for the details, which are at the right or, on a phone, below
      const { offsetWidth: x = 0, offsetHeight: y = 0 } = details ?? {};
      return x < innerWidth ? { top: 0, left: 0, right: x, bottom: 0 } : { top: 0, left: 0, right: 0, bottom: y };
    },
  });
  const current = () => photos.at(pswp.currIndex);
  pswp.addFilter('numItems', () => photos.total);
  pswp.addFilter('thumbEl', (_, __, i) => grid.link(photos.at(i))?.querySelector('img'));
  pswp.addFilter('placeholderSrc', (_, content) => content.data.thumbnails?.[0].url);
  pswp.addFilter('itemData', (_, i) => {
    const tile = photos.at(i);
    if (tile?.sources) return { ...tile, src: tile.sources.at(-1).url, srcset: srcset(tile.sources) };
    if (!tile?.url) photos.full(i).then(() => pswp.refreshSlideContent(i), (error) => console.warn(error.message));
    return { type: 'file', text: tile?.url ? extension(tile) : '' };
  });
  pswp.on('contentLoad', (event) => {
    const { content } = event;
    if (content.type !== 'file') return;
    event.preventDefault();
    content.element = element('div', { className: 'file', textContent: content.data.text });
    content.onLoaded();
  });

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
    if (!pswp.isOpen) return;
    if (!photos.total) pswp.close();
    if (photos.days.includes(day)) await photos.load(day);
    pswp.contentLoader.destroy();  // other photos have moved into the places around
    if (pswp.currIndex >= photos.total) pswp.goTo(photos.total - 1);
    for (const step of [-1, 1, 0]) pswp.refreshSlideContent(pswp.currIndex + step);
  }
  const remove = () => {
    const address = write.replace('{id}', current().id);
    const report = (error) => toast(`This did not work: ${error.message}`);
    const undo = () => change('POST', `${address}/restore`).catch(report);
    change('DELETE', address).then(() => toast('Moved to the trash.', 'Undo', undo), report);
  };

  const buttons = [
    ['download', 'Download', { fileOf: (tile) => tile }],
    ['original', 'Download the original', { fileOf: (tile) => tile.original }],
    ['details', 'Details (I)', { onClick: toggleDetails }],
    ...(write ? [['remove', 'Delete', { onClick: remove }]] : []),
  ];
  pswp.on('uiRegister', () => {
    for (const [i, [name, title, { fileOf, onClick }]] of buttons.entries()) {
      const html = `<svg class="pswp__icn" viewBox="0 0 32 32"><use href="${here('icons.svg')}#${name}"/></svg>`;
      pswp.ui.registerElement({
        name, title, html, onClick, order: 11 + i, isButton: true, tagName: fileOf ? 'a' : 'button',
        onInit: (made) => fileOf && pswp.on('change', () => {
          const file = current()?.url && fileOf(current());
          Object.assign(made, { hidden: !file, href: file?.url, download: file?.name });
        }),
      });
    }
    const panel = (className, onInit) => pswp.ui.registerElement({ name: className, className, appendTo: 'root', onInit });
    panel('pswp__caption', (made) => { caption = made; });
    panel('details', (made) => {
      details = Object.assign(made, { hidden: true, tabIndex: 0, role: 'region', ariaLabel: 'Details' });
    });
  });

  pswp.on('change', () => {
    const tile = current();
    if (!tile?.url) return;
    history.replaceState({}, '', grid.pageOf(tile));
    document.title = tile.alt;
    caption.textContent = tile.caption ?? tile.title ?? '';
    grid.show(pswp.currIndex);
    showDetails();
  });
  pswp.on('keydown', ({ originalEvent: event }) => {
    const goTo = (index) => () => pswp.goTo(index);
    const keys = { i: toggleDetails, Home: goTo(0), End: goTo(photos.total - 1), Delete: write && remove };
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  const wait = (event) => { event.preventDefault(); early.push(event.key); };
  const goBack = () => { isBack = true; pswp.close(); };
  pswp.on('destroy', () => {
    removeEventListener('popstate', goBack);
    document.title = title;
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
  pswp.on('openingAnimationEnd', () => {
    removeEventListener('keydown', wait);
    for (const key of early) document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    if (isBack) pswp.close();
  });
}
