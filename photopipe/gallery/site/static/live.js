import { countInWords, element } from './dom.js';
const PAUSE_MS = 1000;  // between two looks while photos are arriving
/** Shows photos as they arrive to a visitor at the top of the page; others are told, and stay where they are. */
export function live(address, photos) {
  const news = element('button', { id: 'news', hidden: true, onclick: () => scrollTo(0, 0) });
  let [source, timer, seen] = [undefined, undefined, photos.total];
  const tell = () => {
    if (scrollY < innerHeight / 2 || photos.total < seen) seen = photos.total;
    news.textContent = countInWords(photos.total - seen, 'new photo');
    news.hidden = photos.total === seen;
    news.classList.toggle('away', scrollY > innerHeight);
  };
  const look = () => { timer = undefined; photos.refresh().then(tell, (error) => console.warn(error.message)); };
  const listen = () => {
    source = new EventSource(address);
    source.addEventListener('photos', ({ data, target }) => {  // the first one tells what is there
      if (target.isOld || JSON.parse(data).photos !== photos.total) timer ??= setTimeout(look, PAUSE_MS);
      target.isOld = true;
    });
  };
  listen();
  document.body.append(news);
  addEventListener('scroll', tell, { passive: true });
  addEventListener('pagehide', () => source.close());  // so that browsers can keep the page for the way back
  addEventListener('pageshow', (event) => event.persisted && listen());
}
