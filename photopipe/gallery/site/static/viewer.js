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
  const pswp = new PhotoSwipe({
    index: first, bgOpacity: 1, loop: false, wheelToZoom: true, returnFocus: false, maxZoomLevel: 4,
    showHideAnimationType: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'none' : 'zoom',
    indexIndicatorSep: ' of ', arrowPrevTitle: 'Newer photo', arrowNextTitle: 'Older photo',
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
    if (tile?.url) return { type: 'file', text: extension(tile) };
    photos.full(i).then(() => pswp.refreshSlideContent(i), (error) => console.warn(error.message));
    return { type: 'file', text: '' };
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

  async function send(method, address, done) {
    const answer = await fetch(address, { method });
    if (answer.ok) done();
    else toast(`This did not work: ${(await answer.json()).detail}`);
  }

  function remove() {
    const { id } = current();
    const address = write.replace('{id}', id);
    send('DELETE', address, () => {
      photos.remove(photos.indexOf(id));
      toast('Moved to the trash.', 'Undo', () => send('POST', `${address}/restore`, () => photos.refresh()));
      if (!photos.total) return pswp.close();
      pswp.contentLoader.destroy();  // other photos have moved into the places around
      if (pswp.currIndex === photos.total) pswp.goTo(photos.total - 1);
      return [0, -1, 1].forEach((step) => pswp.refreshSlideContent(pswp.currIndex + step));
    });
  }

  const buttons = [
    ['download', 'Download', { fileOf: (tile) => tile }],
    ['original', 'Download the original', { fileOf: (tile) => tile.original }],
    ['details', 'Details (I)', { onClick: toggleDetails }],
    ...(write ? [['remove', 'Delete', { onClick: remove }]] : []),
  ];
  pswp.on('uiRegister', () => {
    buttons.forEach(([name, label, { fileOf, onClick }], i) => pswp.ui.registerElement({
      name, onClick, title: label, order: 11 + i, isButton: true, tagName: fileOf ? 'a' : 'button',
      html: `<svg class="pswp__icn" viewBox="0 0 32 32" aria-hidden="true"><use href="${here('icons.svg')}#${name}"/></svg>`,
      onInit: (made) => fileOf && pswp.on('change', () => {
        const file = current()?.url && fileOf(current());
        Object.assign(made, { hidden: !file, href: file?.url, download: file?.name });
      }),
    }));
    const panel = (name, onInit) => pswp.ui.registerElement({ name, className: name, appendTo: 'root', onInit });
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
  const goBack = () => { isBack = true; pswp.close(); };
  pswp.on('destroy', () => {
    removeEventListener('popstate', goBack);
    document.title = title;
    grid.link(current())?.focus({ preventScroll: true });
    if (!isBack) history.back();
    setTimeout(() => { history.scrollRestoration = 'auto'; }, 100);
  });
  addEventListener('popstate', goBack);
  history.scrollRestoration = 'manual';  // the grid moves along
  history.pushState({}, '');
  pswp.init();
  pswp.element.ariaLabel = 'Photo viewer';
}
