import { element, photosInWords } from './dom.js';

const PAUSE_MS = 1000;  // between two looks at a gallery that photos are arriving in

/** Shows photos as they arrive: at once to a visitor at the top; others are told, and stay where they are. */
export function live(address, grid, photos) {
  const news = element('button', { id: 'news', hidden: true, onclick: () => scrollTo({ top: 0, behavior: 'smooth' }) });
  document.body.append(news);
  let [source, timer, seen] = [undefined, undefined, photos.total];

  const look = async () => {
    try {
      await photos.refresh();
    } catch (error) {
      console.warn(error.message);  // the next event brings the next try
    }
    timer = undefined;
    tell();
  };
  const tell = () => {
    if (scrollY < innerHeight / 2 || photos.total < seen) seen = photos.total;
    news.textContent = `${photosInWords(photos.total - seen).replace(' ', ' new ')}`;
    news.hidden = photos.total === seen;
  };
  const listen = () => {
    source = new EventSource(address);
    source.addEventListener('photos', (event) => {
      if (JSON.parse(event.data).photos !== photos.total || source.heard) timer ??= setTimeout(look, PAUSE_MS);
      source.heard = true;
    });
  };
  listen();
  addEventListener('scroll', () => news.hidden || tell(), { passive: true });
  addEventListener('pagehide', () => source.close());  // so that browsers can keep the page for the way back
  addEventListener('pageshow', (event) => event.persisted && listen());
}
