//! Streets, squares and single houses, set up for the ray tracer.

use super::math::{Rng, V3, rgb, v3};
use super::ray::{Body, Camera, Lamp, Scene};
use super::skin::{Pattern, Skin};

const FRONTS: [(u32, u32); 9] = [
    (0xd8c8a8, 0x2c3a48),
    (0xb87858, 0x283038),
    (0x98a0a8, 0x304858),
    (0xe8dcc8, 0x485868),
    (0xc89868, 0x20282c),
    (0x7c8c80, 0x283840),
    (0xd0a0a0, 0x384048),
    (0x606c78, 0x8ca8b8),
    (0xf0ece4, 0x3c5064),
];

fn front(rng: &Rng) -> Skin {
    let (wall, glass) = rng.pick(&FRONTS);
    Skin::new(Pattern::Windows, wall, glass, rng.range(1.6, 3.4), rng.seed())
}

/// Houses on both sides of a street, on a square, or seen from above.
pub(crate) fn street(rng: &Rng) -> (Scene, Camera) {
    let pattern = rng.pick(&[Pattern::Cobbles, Pattern::Plain, Pattern::Checks, Pattern::Planks]);
    let ground = Skin::new(pattern, rng.pick(&[0x8c8880, 0xa89880, 0x6c7074]), 0x504c48, 1.4, rng.seed());
    let mut bodies = vec![Body::block(v3(-120.0, -1.0, -40.0), v3(120.0, 0.0, 240.0), ground)];
    let half = rng.range(4.0, 11.0);
    for side in [-1.0_f32, 1.0] {
        let mut z = rng.range(-6.0, 4.0);
        while z < 70.0 {
            let (wide, deep) = (rng.range(5.0, 14.0), rng.range(6.0, 12.0));
            if !rng.chance(0.14) {
                house(rng, &mut bodies, side * (half + deep * 0.5), z + wide * 0.5, deep * 0.5, wide * 0.48);
            }
            z += wide + if rng.chance(0.3) { rng.range(1.0, 6.0) } else { 0.0 };
        }
    }
    if rng.chance(0.6) {
        house(rng, &mut bodies, rng.range(-6.0, 6.0), rng.range(-8.0, 8.0) + 55.0, 7.0, 6.0);
    }
    for _ in 0..rng.below(7) {
        let at = v3(rng.pick(&[-1.0, 1.0]) * (half - rng.range(0.8, 2.2)), 0.0, rng.range(4.0, 40.0));
        tree(rng, &mut bodies, at);
    }
    let high = rng.chance(0.3);
    let eye =
        v3(rng.range(-0.6, 0.6) * half, if high { rng.range(14.0, 30.0) } else { rng.range(1.5, 5.0) }, -9.0);
    let aim = if high { 2.0 } else { rng.range(3.0, 9.0) };
    let target = v3(rng.range(-1.3, 1.3) * half, aim, 22.0);
    daylight(rng, bodies, Camera { eye, target, field: rng.range(0.7, 1.1) })
}

fn house(rng: &Rng, bodies: &mut Vec<Body>, x: f32, z: f32, half_x: f32, half_z: f32) {
    let height = rng.range(5.0, 21.0);
    let walls = front(rng);
    bodies.push(Body::turned(v3(x, height * 0.5, z), v3(half_x, height * 0.5, half_z), (1.0, 0.0), walls));
    let roof = Skin::new(
        Pattern::Bricks,
        rng.pick(&[0x9c4c38, 0x5c5450, 0x6c3c30, 0x405060]),
        0x302420,
        0.7,
        rng.seed(),
    );
    if rng.chance(0.6) {
        let steps = 5;
        for step in 0..steps {
            let share = 1.06 - step as f32 / steps as f32;
            let level = height + (step as f32 + 0.5) * 0.55;
            bodies.push(Body::turned(
                v3(x, level, z),
                v3(half_x * share, 0.28, half_z * 1.03),
                (1.0, 0.0),
                roof,
            ));
        }
    } else {
        bodies.push(Body::turned(
            v3(x, height + 0.2, z),
            v3(half_x * 1.04, 0.25, half_z * 1.04),
            (1.0, 0.0),
            roof,
        ));
    }
    let awning = Skin::new(
        Pattern::Stripes,
        0xf0ece0,
        rng.pick(&[0xa83838, 0x386890, 0x487848, 0xd09838]),
        0.8,
        rng.seed(),
    );
    if rng.chance(0.4) {
        let reach = half_x + 0.9;
        bodies.push(Body::turned(v3(x, 3.0, z), v3(reach, 0.12, half_z * 0.7), (1.0, 0.0), awning));
    }
}

fn tree(rng: &Rng, bodies: &mut Vec<Body>, at: V3) {
    let height = rng.range(2.2, 4.2);
    bodies.push(Body::frustum(
        at,
        height,
        0.22,
        0.14,
        Skin::new(Pattern::Marble, 0x5c4630, 0x382818, 0.4, rng.seed()),
    ));
    let (dark, light) =
        rng.pick(&[(0x2c4a20, 0x88a848), (0x6a4a1c, 0xd09038), (0x2c5038, 0x70a068), (0x7a3828, 0xd87848)]);
    for _ in 0..6 {
        let place = at + v3(rng.range(-1.0, 1.0), height + rng.range(-0.2, 1.7), rng.range(-1.0, 1.0));
        let size = rng.range(0.7, 1.25);
        bodies.push(Body::ellipsoid(
            place,
            v3(size, size * 0.85, size),
            Skin::new(Pattern::Blotches, dark, light, 0.45, rng.seed()),
        ));
    }
}

/// A single house or hut in a garden.
pub(crate) fn cottage(rng: &Rng) -> (Scene, Camera) {
    let pattern = rng.pick(&[Pattern::Cobbles, Pattern::Planks, Pattern::Bricks, Pattern::Plain]);
    let wall = Skin::new(
        pattern,
        rng.pick(&[0xd8ccb4, 0xa86448, 0x8898a0, 0xf0e8dc, 0xb8a078]),
        0x6c6258,
        0.4,
        rng.seed(),
    );
    let lawn = Skin::new(Pattern::Marble, 0x5c8038, 0x8ca050, 1.6, rng.seed());
    let mut bodies = vec![Body::block(v3(-90.0, -1.0, -40.0), v3(90.0, 0.0, 140.0), lawn)];
    let (wide, high, deep) = (rng.range(2.4, 4.6), rng.range(2.4, 4.6), rng.range(2.2, 3.4));
    bodies.push(Body::block(v3(-wide, 0.0, 0.0), v3(wide, high, 2.0 * deep), wall));
    let roof = Skin::new(
        Pattern::Bricks,
        rng.pick(&[0xa05038, 0x58504c, 0x7c8088, 0xb09050]),
        0x30241c,
        0.35,
        rng.seed(),
    );
    for step in 0..9 {
        let share = 1.12 - step as f32 / 8.5;
        let place = v3(0.0, high + 0.13 + 0.26 * step as f32, deep);
        bodies.push(Body::turned(place, v3(wide * share, 0.14, deep * 1.12), (1.0, 0.0), roof));
    }
    let trim = Skin::plain(rng.pick(&[0xf4f0e8, 0x2c4838, 0x3c3028]), rng.seed());
    let glass = Skin::new(Pattern::View, 0x384858, 0xa8c0d0, 0.6, rng.seed()).shiny(0.8);
    let door_at = rng.range(-0.5, 0.5) * wide;
    let door = Skin::new(
        Pattern::Planks,
        rng.pick(&[0x8c3830, 0x386078, 0x486840, 0x6c4830]),
        0x201810,
        0.2,
        rng.seed(),
    );
    bodies.push(Body::turned(v3(door_at, 1.05, 0.0), v3(0.62, 1.1, 0.06), (1.0, 0.0), trim));
    bodies.push(Body::turned(v3(door_at, 1.0, -0.04), v3(0.5, 1.0, 0.06), (1.0, 0.0), door));
    for place in [-0.72, -0.2, 0.3, 0.78] {
        let x = place * wide;
        if (x - door_at).abs() > 1.2 {
            bodies.push(Body::turned(v3(x, 1.5, 0.0), v3(0.52, 0.62, 0.05), (1.0, 0.0), trim));
            bodies.push(Body::turned(v3(x, 1.5, -0.04), v3(0.42, 0.52, 0.05), (1.0, 0.0), glass));
        }
    }
    let path = Skin::new(Pattern::Cobbles, 0xb0a890, 0x706858, 0.5, rng.seed());
    bodies.push(Body::block(v3(door_at - 0.7, 0.0, -14.0), v3(door_at + 0.7, 0.02, 0.0), path));
    let fence = Skin::plain(rng.pick(&[0xf0ece4, 0x7c5c3c]), rng.seed());
    if rng.chance(0.6) {
        for k in -14..=14 {
            let x = k as f32 * 0.5;
            if (x - door_at).abs() > 0.8 {
                bodies.push(Body::block(v3(x - 0.07, 0.0, -3.1), v3(x + 0.07, 0.8, -3.0), fence));
            }
        }
    }
    for _ in 0..2 + rng.below(5) {
        let at = v3(rng.pick(&[-1.0, 1.0]) * rng.range(wide + 1.2, wide + 7.0), 0.0, rng.range(-3.5, 12.0));
        tree(rng, &mut bodies, at);
    }
    let eye = v3(rng.range(-7.5, 7.5), rng.range(1.2, 5.5), rng.range(-13.0, -9.0));
    let target = v3(rng.range(-1.5, 1.5), rng.range(1.4, 3.0), 1.0);
    daylight(rng, bodies, Camera { eye, target, field: rng.range(0.65, 1.0) })
}

fn daylight(rng: &Rng, bodies: Vec<Body>, camera: Camera) -> (Scene, Camera) {
    let sun = v3(rng.range(-1.0, 1.0), rng.range(0.35, 1.2), rng.range(-1.2, 0.4)).unit() * 500.0;
    let warm = rgb(rng.pick(&[0xfff4e0, 0xffe0b0, 0xf8f8ff]));
    let lamps = vec![Lamp { at: sun, colour: warm * rng.range(0.9, 1.3), reach: 500.0, size: 14.0 }];
    let ambient = rgb(0xa8b8d0) * rng.range(0.5, 0.9);
    (Scene { bodies, lamps, ambient, haze: Some((rgb(0xc4d4e4), 0.0012)) }, camera)
}
