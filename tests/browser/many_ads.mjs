// Ads of a large case, as JSON Lines with hashes in place of pictures: hundreds of networks, a few of them large, stock
// photos, pictures under many contacts. The same number of ads gives the same lines.
// node many_ads.mjs 10000 > ads.jsonl

import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";

const SITES = ["a-listings", "bay-board", "city-pages", "daily-post", "east-market", "free-ads", "grand-board", "home-visit",
  "inside-town", "just-local", "king-street", "late-line"].map((name) => `${name}.example`);
const PLACES = ["Northport, Old Town", "Southgate", "Eastham", "Westbury Park", "Millbrook", "Kingsford", "Ashton", "Harwich"];
const TITLES = ["New in town, call me any time, easy parking beside the house", "Sweet and discreet, no rush, all day",
  "Real photos, visit me today", "Private flat, hotel visits too, only serious callers please", "Upscale company for a relaxing evening"];

/** Sizes of networks, largest first, up to about three fifths of `ads`. */
function sizes(ads) {
  const found = [];
  const add = (many, size) => { for (let k = 0; k < many; k++) found.push(size); };
  add(2, Math.ceil(ads / 25));
  add(1, Math.ceil(ads / 31));
  add(5, Math.ceil(ads / 100));
  add(30, 30);
  add(150, 10);
  add(400, 5);
  let left = 0.6 * ads;
  return found.filter((size) => (left -= size) > 0);
}

export function manyAds(ads) {
  let state = 7;
  const below = (most) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * most);
  };
  const any = (list) => list[below(list.length)];
  /** A hash of a photo; every copy has a few bits of its own changed. */
  const pdq = (photo, copy) => {
    const bytes = createHash("sha256").update(`photo ${photo}`).digest();
    const changed = createHash("sha256").update(`photo ${photo} copy ${copy}`).digest();
    for (let k = 0; k < copy % 9; k++) bytes[changed[2 * k] % 32] ^= 1 << (changed[2 * k + 1] % 8);
    return bytes.toString("hex");
  };
  const lines = [];
  const add = (site, phones, place, photos) => {
    const id = String(100000 + lines.length);
    const day = new Date(Date.UTC(2023, 0, 1) + below(900) * 86400000 + below(86400) * 1000).toISOString();
    const images = photos.map(([photo, copy], k) => ({
      path: `scrape-2025-06/${site}/listings/${id}/photo_${photo}_${copy}_${k}_full.jpg`, pdq: pdq(photo, copy), quality: 90,
      sha256: createHash("sha256").update(`file ${photo} ${copy}`).digest("hex"), width: 900 + copy, height: 1200,
    }));
    lines.push(JSON.stringify({
      site, ad_id: id, url: `https://${site}/listing/${id}`, posted_at: day, title: `${any(TITLES)} ${id}`,
      text: `${any(TITLES)} ${any(TITLES)} ${id}`, location: place, phones, images,
    }));
  };
  let photo = 1000;
  const phone = (k) => `+49 30 555 ${String(10000 + k).slice(0, 5)}`;
  sizes(ads).forEach((size, network) => {
    const own = Array.from({ length: Math.min(40, 2 + Math.ceil(size / 9)) }, () => ++photo);
    for (let k = 0; k < size; k++) {
      const shown = new Map([[own[0], below(60)], [any(own), below(60)], [any(own), below(60)]]);
      if (k % 3 > 0) shown.delete(own[0]);
      if (shown.size === 0) shown.set(own[0], below(60));
      const phones = below(5) > 0 ? [phone(network)] : below(2) > 0 ? [phone(5000 + below(2000))] : [];
      if (below(20) === 0) shown.set(1 + below(12), below(60));
      add(any(SITES), phones, any(PLACES), [...shown]);
    }
  });
  for (let k = 0; k < ads / 150; k++) {
    const many = ++photo;
    for (let j = 0; j < 7; j++) add(any(SITES), [phone(9000 + 7 * k + j)], any(PLACES), [[many, below(60)]]);
  }
  while (lines.length < ads) add(any(SITES), [phone(20000 + lines.length)], any(PLACES), [[++photo, 0], ...(below(8) === 0 ? [[1 + below(12), below(60)]] : [])]);
  return `${lines.slice(0, ads).join("\n")}\n`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(manyAds(Number(process.argv[2] ?? 10000)));
}
