import { countInWords, toast } from './dom.js';
import { Grid } from './grid.js';
import { live } from './live.js';
import { Photos } from './photos.js';
import { scrubber } from './scrubber.js';
const main = document.getElementById('photos');
const photos = new Photos(main.dataset);
photos.adopt([...main.children]);
main.replaceChildren();
main.classList.add('ready');
const grid = new Grid(main, photos);
const moveScrubber = scrubber(grid, photos);
photos.refresh().then(() => {
  const count = document.getElementById('count');
  grid.moved = (isScrolled) => {
    moveScrubber(isScrolled);
    const words = countInWords(photos.total);
    if (count.textContent !== words) count.textContent = words;  // it is read out when it changes
  };
  grid.moved();
  if (main.dataset.events) live(main.dataset.events, photos);
}).catch((error) => toast(`The gallery does not answer: ${error.message}`, 'Try again', () => location.reload()));
main.addEventListener('pointerover', () => import('./viewer.js'), { once: true });
main.addEventListener('click', async (event) => {
  const link = event.target.closest('a.photo');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const { open } = await import('./viewer.js');
  const day = photos.days.find((one) => one.day === link.closest('.day').dataset.day);
  const index = day.first + day.photos.findIndex(({ id }) => id === link.dataset.id);
  // If it does not open, there is the page of the photo, which needs no script.
  open(index, grid, photos).catch(() => location.assign(link.href));
});
