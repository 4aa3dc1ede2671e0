//! Still lifes and furnished rooms, set up for the ray tracer.
//!
//! Each function draws every choice from its own generator, in a fixed order: adding a choice in the middle
//! changes all pictures of that kind, and the committed fixture with them.

use super::math::{Rng, V3, rgb, turn, v3};
use super::ray::{Body, Camera, Lamp, Scene};
use super::skin::{Pattern, Skin};

const WALLS: [(u32, u32); 8] = [
    (0xd9cdb8, 0xb9a68a),
    (0x8fa3a8, 0x6d848c),
    (0xc98f70, 0xe3bfa0),
    (0x5b6b58, 0x8d9a78),
    (0xe8e2d4, 0xc4b7a6),
    (0x39424e, 0x566374),
    (0xb7c4a1, 0xdfe3cc),
    (0x7b4b48, 0xa5706a),
];
const CLOTHS: [(u32, u32); 7] = [
    (0xf0ece2, 0xb03a3a),
    (0xe9e4d0, 0x35577d),
    (0x7a5434, 0x3a2616),
    (0xcaa472, 0x6d4a28),
    (0x2f4a3c, 0xd9c9a0),
    (0xded8cc, 0x8a8275),
    (0x54322a, 0x21130f),
];
const FRUIT: [(u32, u32); 8] = [
    (0xb8302a, 0xe0b050),
    (0xe58a2a, 0xf0a840),
    (0x86a83c, 0xc8cc60),
    (0xe8d048, 0xf0dc70),
    (0x58244a, 0x84406c),
    (0xd8583c, 0xf0c080),
    (0x4a7a34, 0x98b850),
    (0xc87860, 0xe8c8a0),
];
const GLAZES: [(u32, u32); 8] = [
    (0x2c4f7c, 0xe8e8e0),
    (0xe6e0d2, 0x6b8fa3),
    (0x9b3d2e, 0xd9a066),
    (0x35604a, 0x9cc0a0),
    (0xd8b24c, 0x7c4a1c),
    (0x1f2328, 0x8a8f96),
    (0xc9c0b0, 0x4a3a30),
    (0x7a2f4c, 0xe0b8c4),
];

fn of(rng: &Rng, pattern: Pattern, colours: &[(u32, u32)], size: f32) -> Skin {
    let (first, second) = rng.pick(colours);
    Skin::new(pattern, first, second, size, rng.seed())
}

/// Things on a table before a wall.
pub(crate) fn still_life(rng: &Rng) -> (Scene, Camera) {
    let pattern =
        rng.pick(&[Pattern::Planks, Pattern::Checks, Pattern::Stripes, Pattern::Marble, Pattern::Planks]);
    let size = rng.range(0.09, 0.22);
    let table = of(rng, pattern, &CLOTHS, size);
    let pattern =
        rng.pick(&[Pattern::Bricks, Pattern::Ornament, Pattern::Stripes, Pattern::Marble, Pattern::Cobbles]);
    let size = rng.range(0.18, 0.5);
    let wall = of(rng, pattern, &WALLS, size);
    let depth = rng.range(0.55, 1.1);
    let mut bodies = vec![
        Body::block(v3(-3.0, -0.1, -2.0), v3(3.0, 0.0, depth), table),
        Body::block(v3(-4.0, -2.0, depth + 0.3), v3(4.0, 4.0, depth + 0.5), wall),
    ];
    let mut taken: Vec<(f32, f32, f32)> = Vec::new();
    for _ in 0..4 + rng.below(6) {
        let radius = rng.range(0.06, 0.17);
        for _ in 0..12 {
            let (x, z) = (rng.range(-0.75, 0.75), rng.range(-0.45, depth - 0.15));
            if taken
                .iter()
                .all(|&(a, b, r)| (a - x) * (a - x) + (b - z) * (b - z) > (r + radius) * (r + radius))
            {
                taken.push((x, z, radius));
                thing(rng, &mut bodies, v3(x, 0.0, z), radius);
                break;
            }
        }
    }
    let side = rng.pick(&[-1.0, 1.0]);
    let at = v3(side * rng.range(0.8, 2.6), rng.range(0.9, 2.4), rng.range(-1.6, 0.1));
    let warm = rgb(0xfff0d8).mix(rgb(0xd8e6ff), rng.unit());
    let lamps = vec![Lamp { at, colour: warm * rng.range(0.9, 1.4), reach: at.length() * 0.9, size: 0.35 }];
    let ambient = rgb(0x8890a0) * rng.range(0.5, 1.0);
    let eye = v3(rng.range(-0.6, 0.6), rng.range(0.25, 1.2), rng.range(-2.0, -1.45));
    let target = v3(rng.range(-0.2, 0.2), rng.range(0.08, 0.3), 0.1);
    (Scene { bodies, lamps, ambient, haze: None }, Camera { eye, target, field: rng.range(0.5, 0.8) })
}

fn thing(rng: &Rng, bodies: &mut Vec<Body>, at: V3, radius: f32) {
    match rng.below(8) {
        0 | 1 => {
            let skin = of(rng, Pattern::Blotches, &FRUIT, radius).shiny(0.5);
            let radii = v3(radius, radius * rng.range(0.8, 1.25), radius) * 0.8;
            bodies.push(Body::ellipsoid(at + v3(0.0, radii.y, 0.0), radii, skin));
        }
        2 | 3 => vase(rng, bodies, at, radius),
        4 => bottle(rng, bodies, at, radius * 0.6),
        5 => books(rng, bodies, at, radius),
        6 => bowl(rng, bodies, at, radius * 1.2),
        _ => {
            let skin = of(rng, Pattern::Ornament, &GLAZES, radius * 0.7).shiny(0.3);
            let height = radius * rng.range(1.1, 1.7);
            bodies.push(Body::frustum(at, height, radius * 0.62, radius * 0.8, skin));
            let dark = Skin::plain(0x3a2418, rng.seed());
            bodies.push(Body::frustum(at + v3(0.0, height, 0.0), 0.004, radius * 0.7, radius * 0.7, dark));
        }
    }
}

fn vase(rng: &Rng, bodies: &mut Vec<Body>, at: V3, radius: f32) {
    let pattern = rng.pick(&[Pattern::Plain, Pattern::Stripes, Pattern::Marble, Pattern::Ornament]);
    let skin = of(rng, pattern, &GLAZES, radius * 0.6).shiny(0.6);
    let height = radius * rng.range(2.4, 4.6);
    let (foot, belly, neck) = (rng.range(0.4, 0.7), rng.range(0.5, 1.4), rng.range(0.25, 0.5));
    let profile = |t: f32| {
        let round = 4.0 * t * (1.0 - t);
        radius * (foot * (1.0 - t) + neck * t + belly * round * (1.0 - t) * 0.8)
    };
    const RINGS: usize = 9;
    for ring in 0..RINGS {
        let (a, b) = (ring as f32 / RINGS as f32, (ring + 1) as f32 / RINGS as f32);
        let base = at + v3(0.0, a * height, 0.0);
        bodies.push(Body::frustum(base, (b - a) * height, profile(a), profile(b), skin));
    }
    if rng.chance(0.6) {
        let bloom = of(rng, Pattern::Blotches, &FRUIT, radius * 0.3);
        for _ in 0..4 + rng.below(6) {
            let (c, s) = turn(rng.unit());
            let out = rng.range(0.1, 1.4) * radius;
            let head = at + v3(c * out, height + rng.range(0.5, 1.9) * radius, s * out);
            let round = radius * rng.range(0.22, 0.42);
            bodies.push(Body::ellipsoid(head, v3(round, round * 0.75, round), bloom));
            let leaf = Skin::plain(0x3f6a34, rng.seed());
            let low = (at + v3(0.0, height, 0.0)).mix(head, 0.55);
            bodies.push(Body::ellipsoid(low, v3(radius * 0.12, radius * 0.4, radius * 0.12), leaf));
        }
    }
}

fn bottle(rng: &Rng, bodies: &mut Vec<Body>, at: V3, radius: f32) {
    let skin = Skin::plain(rng.pick(&[0x2c4a30, 0x4a2a18, 0x6d8a8e, 0x1c2c44]), rng.seed()).shiny(1.2);
    let label = of(rng, Pattern::Stripes, &CLOTHS, radius * 0.5);
    let height = radius * rng.range(2.6, 4.0);
    let up = |y: f32| at + v3(0.0, y, 0.0);
    bodies.push(Body::frustum(at, height, radius, radius, skin));
    bodies.push(Body::frustum(up(height * 0.25), height * 0.45, radius * 1.02, radius * 1.02, label));
    bodies.push(Body::frustum(up(height), radius, radius, radius * 0.35, skin));
    bodies.push(Body::frustum(up(height + radius), radius * 1.4, radius * 0.35, radius * 0.32, skin));
}

fn books(rng: &Rng, bodies: &mut Vec<Body>, at: V3, radius: f32) {
    let mut level = 0.0;
    for _ in 0..1 + rng.below(4) {
        let thick = radius * rng.range(0.25, 0.5);
        let cover = of(rng, Pattern::Stripes, &GLAZES, radius * 2.2);
        let half = v3(radius * rng.range(0.8, 1.1), thick * 0.5, radius * rng.range(0.6, 0.8));
        bodies.push(Body::turned(
            at + v3(0.0, level + thick * 0.5, 0.0),
            half,
            turn(rng.range(-0.09, 0.09)),
            cover,
        ));
        level += thick;
    }
}

fn bowl(rng: &Rng, bodies: &mut Vec<Body>, at: V3, radius: f32) {
    let skin = of(rng, Pattern::Stripes, &GLAZES, radius * 0.4).shiny(0.5);
    bodies.push(Body::frustum(at, radius * 0.55, radius * 0.5, radius, skin));
    let fruit = of(rng, Pattern::Blotches, &FRUIT, radius * 0.4).shiny(0.4);
    for k in 0..5 {
        let (c, s) = turn(k as f32 / 5.0 + 0.03);
        let place = at + v3(c * radius * 0.5, radius * 0.72, s * radius * 0.5);
        bodies.push(Body::ball(place, radius * rng.range(0.28, 0.38), fruit));
    }
}

/// A room with a window, furniture and a lamp.
pub(crate) fn room(rng: &Rng) -> (Scene, Camera) {
    let (wide, deep, high) = (rng.range(1.7, 2.8), rng.range(2.2, 3.6), rng.range(2.4, 3.0));
    let pattern =
        rng.pick(&[Pattern::Plain, Pattern::Stripes, Pattern::Ornament, Pattern::Bricks, Pattern::Plain]);
    let wall = of(rng, pattern, &WALLS, 0.45);
    let pattern = rng.pick(&[Pattern::Planks, Pattern::Checks, Pattern::Planks, Pattern::Cobbles]);
    let floor = of(rng, pattern, &CLOTHS, if matches!(pattern, Pattern::Planks) { 0.16 } else { 0.5 });
    let ceiling = Skin::plain(0xe4e0d8, rng.seed());
    let mut bodies = vec![
        Body::block(v3(-wide - 1.0, -0.2, -3.0), v3(wide + 1.0, 0.0, deep + 1.0), floor),
        Body::block(v3(-wide - 1.0, high, -3.0), v3(wide + 1.0, high + 0.2, deep + 1.0), ceiling),
        Body::block(v3(-wide - 1.0, 0.0, deep), v3(wide + 1.0, high, deep + 0.2), wall),
        Body::block(v3(-wide - 0.2, 0.0, -3.0), v3(-wide, high, deep), wall),
        Body::block(v3(wide, 0.0, -3.0), v3(wide + 0.2, high, deep), wall),
    ];
    let side = rng.pick(&[-1.0_f32, 1.0]);
    window(rng, &mut bodies, side * rng.range(0.2, 0.6) * wide, deep, high);
    picture(rng, &mut bodies, -side * rng.range(0.35, 0.65) * wide, deep, high);
    let rug = of(rng, Pattern::Rug, &CLOTHS, 0.9);
    let (rx, rz) = (rng.range(-0.5, 0.5), rng.range(0.2, 1.2));
    bodies.push(Body::block(v3(rx - 0.9, 0.0, rz - 0.7), v3(rx + 0.9, 0.02, rz + 0.7), rug));
    bed_or_sofa(rng, &mut bodies, -side, wide, deep);
    shelf(rng, &mut bodies, side, wide, deep);
    table(rng, &mut bodies, v3(rx, 0.0, rz));
    let lamp = lamp(rng, &mut bodies, v3(-side * (wide - 0.35), 0.0, rng.range(0.3, 0.8)));
    let daylight = v3(side * wide * 0.2, high * 0.75, deep * 0.35);
    let sun = Lamp { at: daylight, colour: rgb(0xdfe8ff) * rng.range(0.4, 1.0), reach: 2.0, size: 0.8 };
    let eye = v3(rng.range(-0.7, 0.7) * wide, rng.range(1.0, 2.1), -2.4);
    let target = v3(rng.range(-0.4, 0.4) * wide, rng.range(0.6, 1.2), deep * 0.6);
    let ambient = rgb(0x9a96a0) * rng.range(0.35, 0.9);
    let scene = Scene { bodies, lamps: vec![lamp, sun], ambient, haze: None };
    (scene, Camera { eye, target, field: rng.range(0.75, 1.05) })
}

fn window(rng: &Rng, bodies: &mut Vec<Body>, x: f32, deep: f32, high: f32) {
    let (w, h) = (rng.range(0.45, 0.85), rng.range(0.5, 0.75));
    let centre = v3(x, high * 0.58, deep);
    let view = of(rng, Pattern::View, &[(0x4f7440, 0xb8d4ee), (0x7a6a40, 0xf0c890), (0x39506a, 0xdce6ea)], w);
    bodies.push(Body::turned(centre, v3(w, h, 0.02), (1.0, 0.0), view.glowing(1.1)));
    let frame = Skin::plain(rng.pick(&[0xf2efe8, 0x4a3424, 0x2c3238]), rng.seed());
    for (dx, dy, hx, hy) in
        [(-w, 0.0, 0.05, h), (w, 0.0, 0.05, h), (0.0, -h, w, 0.05), (0.0, h, w, 0.05), (0.0, 0.0, 0.03, h)]
    {
        bodies.push(Body::turned(centre + v3(dx, dy, -0.03), v3(hx, hy, 0.05), (1.0, 0.0), frame));
    }
    let curtain = of(rng, Pattern::Stripes, &GLAZES, 0.16);
    for end in [-1.0, 1.0] {
        let place = v3(x + end * (w + 0.16), high * 0.53, deep - 0.08);
        bodies.push(Body::turned(place, v3(0.17, h + 0.35, 0.05), (1.0, 0.0), curtain));
    }
}

fn picture(rng: &Rng, bodies: &mut Vec<Body>, x: f32, deep: f32, high: f32) {
    for k in 0..1 + rng.below(3) {
        let (w, h) = (rng.range(0.2, 0.42), rng.range(0.2, 0.36));
        let centre = v3(x + 0.75 * k as f32 * -x.signum(), high * rng.range(0.58, 0.68), deep - 0.02);
        let frame = Skin::plain(rng.pick(&[0x2a1e16, 0xc8a860, 0xf0f0ec]), rng.seed());
        bodies.push(Body::turned(centre, v3(w + 0.05, h + 0.05, 0.02), (1.0, 0.0), frame));
        let pattern = rng.pick(&[Pattern::View, Pattern::Marble, Pattern::Ornament, Pattern::Cobbles]);
        let art = of(rng, pattern, &GLAZES, w);
        bodies.push(Body::turned(centre + v3(0.0, 0.0, -0.02), v3(w, h, 0.02), (1.0, 0.0), art));
    }
}

fn bed_or_sofa(rng: &Rng, bodies: &mut Vec<Body>, side: f32, wide: f32, deep: f32) {
    let cloth = of(rng, Pattern::Stripes, &GLAZES, 0.3);
    let plain = of(rng, Pattern::Plain, &GLAZES, 0.4);
    let wood = Skin::new(Pattern::Planks, 0x7a5030, 0x2a1a10, 0.15, rng.seed());
    let x = side * (wide - 0.75);
    if rng.chance(0.5) {
        let z = deep - 1.05;
        bodies.push(Body::turned(v3(x, 0.2, z), v3(0.75, 0.2, 1.05), (1.0, 0.0), wood));
        bodies.push(Body::turned(v3(x, 0.48, z - 0.1), v3(0.74, 0.1, 0.95), (1.0, 0.0), cloth));
        bodies.push(Body::turned(v3(x, 0.6, deep - 0.05), v3(0.78, 0.6, 0.06), (1.0, 0.0), wood));
        for end in [-0.36, 0.36] {
            let pillow = Skin::plain(0xf2eee6, rng.seed());
            bodies.push(Body::ellipsoid(v3(x + end, 0.64, deep - 0.4), v3(0.3, 0.11, 0.22), pillow));
        }
    } else {
        let z = deep - 0.5;
        bodies.push(Body::turned(v3(x, 0.22, z), v3(0.75, 0.22, 0.42), (1.0, 0.0), plain));
        bodies.push(Body::turned(v3(x, 0.62, z + 0.36), v3(0.75, 0.32, 0.12), (1.0, 0.0), plain));
        for end in [-0.78, 0.78] {
            bodies.push(Body::turned(v3(x + end, 0.34, z), v3(0.1, 0.34, 0.44), (1.0, 0.0), plain));
        }
        for end in [-0.4, 0.42] {
            let place = v3(x + end, 0.6, z + 0.12);
            bodies.push(Body::turned(place, v3(0.2, 0.18, 0.07), turn(rng.range(-0.08, 0.08)), cloth));
        }
    }
}

fn shelf(rng: &Rng, bodies: &mut Vec<Body>, side: f32, wide: f32, deep: f32) {
    let wood =
        Skin::new(Pattern::Planks, rng.pick(&[0x8a6038, 0xe0dcd2, 0x3c2a20]), 0x20140c, 0.12, rng.seed());
    let (z, h) = (rng.range(0.9, deep - 1.0), rng.range(1.2, 2.1));
    let x = side * (wide - 0.18);
    bodies.push(Body::turned(v3(x, h * 0.5, z), v3(0.17, h * 0.5, 0.5), (1.0, 0.0), wood));
    let rows = 3 + rng.below(2);
    for row in 0..rows {
        let level = (row as f32 + 0.55) * h / rows as f32;
        let skin = of(rng, Pattern::Books, &GLAZES, 0.055);
        bodies.push(Body::turned(
            v3(x - side * 0.03, level, z),
            v3(0.17, 0.36 * h / rows as f32, 0.46),
            (1.0, 0.0),
            skin,
        ));
    }
}

fn table(rng: &Rng, bodies: &mut Vec<Body>, at: V3) {
    let wood =
        Skin::new(Pattern::Planks, rng.pick(&[0xa87a48, 0x5a3c26, 0xd8d0c0]), 0x2a1a10, 0.11, rng.seed());
    let (w, d, h) = (rng.range(0.35, 0.6), rng.range(0.25, 0.4), rng.range(0.35, 0.7));
    bodies.push(Body::turned(at + v3(0.0, h, 0.0), v3(w, 0.03, d), (1.0, 0.0), wood));
    for (x, z) in [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)] {
        bodies.push(Body::frustum(at + v3(x * (w - 0.06), 0.0, z * (d - 0.06)), h, 0.025, 0.03, wood));
    }
    for _ in 0..1 + rng.below(3) {
        let place = at + v3(rng.range(-0.7, 0.7) * w, h + 0.03, rng.range(-0.6, 0.6) * d);
        let radius = rng.range(0.06, 0.11);
        thing(rng, bodies, place, radius);
    }
}

fn lamp(rng: &Rng, bodies: &mut Vec<Body>, at: V3) -> Lamp {
    let height = rng.range(1.2, 1.6);
    let iron = Skin::plain(0x24262a, rng.seed());
    bodies.push(Body::frustum(at, 0.03, 0.16, 0.16, iron));
    bodies.push(Body::frustum(at, height, 0.018, 0.018, iron));
    let shade = Skin::plain(rng.pick(&[0xffe8b8, 0xffd890, 0xffc8a0]), rng.seed()).glowing(1.3);
    bodies.push(Body::frustum(at + v3(0.0, height, 0.0), 0.3, 0.24, 0.14, shade));
    Lamp {
        at: at + v3(0.0, height + 0.15, 0.0),
        colour: rgb(0xffd8a0) * rng.range(0.6, 1.5),
        reach: 1.4,
        size: 0.3,
    }
}
