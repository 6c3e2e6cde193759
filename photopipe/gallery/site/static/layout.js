import { ratio } from './photos.js';

export const HEADING_PX = 56;
const GAPS_PX = { phone: 2, desktop: 4 };

/** What the width of the page means for its rows. */
export function measures(width) {
  const isPhone = width < 600;
  return { width, row: isPhone ? 120 : 220, gap: isPhone ? GAPS_PX.phone : GAPS_PX.desktop };
}

/** Sets `rows` and `height` of a day: rows of photos as high as makes them fill the width. */
export function layOut(day, { width, row, gap }) {
  const rows = [];
  day.rows = rows;
  if (!day.photos.length && day.exact?.width === width) {  // its photos were forgotten, its height was not
    day.height = day.exact.height;
    return;
  }
  let [start, sum, top] = [0, 0, HEADING_PX];
  const close = (end, height) => {
    rows.push({ start, end, top, height });
    [start, sum, top] = [end, 0, top + height + gap];
  };
  const fit = (count, ratios) => (width - gap * (count - 1)) / ratios;
  day.photos.forEach((tile, i) => {
    const withIt = fit(i - start + 1, sum + ratio(tile));
    if (withIt <= row && sum > 0 && fit(i - start, sum) - row < row - withIt) close(i, fit(i - start, sum));
    sum += ratio(tile);
    const height = fit(i - start + 1, sum);
    if (height <= row) close(i + 1, height);
  });
  if (sum > 0) {  // the last row is filled only if that hardly enlarges it
    const height = fit(day.photos.length - start, sum);
    close(day.photos.length, height < 1.2 * row ? height : row);
  }
  if (day.photos.length < day.count) top += tailHeight(day, { width, row, gap });
  day.height = Math.ceil(top + 2 * gap);
  if (day.photos.length === day.count) day.exact = { width, height: day.height };
}

/** About how high the photos will be that have not been loaded. */
function tailHeight(day, { width, row, gap }) {
  const loaded = day.photos.reduce((sum, tile) => sum + ratio(tile), 0);
  const left = Math.max(day.widths - loaded, 0.7 * (day.count - day.photos.length));
  return Math.max(1, Math.round(left * row / width)) * (row + gap);
}
