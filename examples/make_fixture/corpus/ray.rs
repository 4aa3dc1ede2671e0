//! A small ray tracer: ellipsoids, turned blocks and truncated cones, lit by lamps with shadows.
//!
//! Distances are metres, `y` points up. Bodies are few, so rays try them all; no tree, no surprises in rounding.

use super::math::{V3, lattice, v3};
use super::skin::Skin;

/// What a body is made of, geometrically.
enum Shape {
    Ellipsoid {
        centre: V3,
        radii: V3,
    },
    /// A box with half sizes `half`, turned about the vertical by (cosine, sine).
    Block {
        centre: V3,
        half: V3,
        turn: (f32, f32),
    },
    /// An upright cone cut off at both ends, closed.
    Frustum {
        base: V3,
        height: f32,
        low: f32,
        high: f32,
    },
}

pub(crate) struct Body {
    shape: Shape,
    skin: Skin,
    /// A ball around the shape: most rays miss most bodies, and this finds out for less.
    ball: (V3, f32),
}

/// A lamp at a place, or (far away) the sun. `reach` is the distance at which it has its nominal strength.
pub(crate) struct Lamp {
    pub(crate) at: V3,
    pub(crate) colour: V3,
    pub(crate) reach: f32,
    pub(crate) size: f32,
}

pub(crate) struct Scene {
    pub(crate) bodies: Vec<Body>,
    pub(crate) lamps: Vec<Lamp>,
    pub(crate) ambient: V3,
    pub(crate) haze: Option<(V3, f32)>,
}

pub(crate) struct Camera {
    pub(crate) eye: V3,
    pub(crate) target: V3,
    /// Height of the picture at distance 1.
    pub(crate) field: f32,
}

impl Camera {
    /// Direction through the picture point (x, y): y from 0 (top) to 1, x centred on 0 in the same unit.
    pub(crate) fn ray(&self, x: f32, y: f32) -> V3 {
        let ahead = (self.target - self.eye).unit();
        let right = ahead.cross(v3(0.0, 1.0, 0.0)).unit();
        let up = right.cross(ahead);
        (ahead + right * (x * self.field) + up * ((0.5 - y) * self.field)).unit()
    }
}

impl Body {
    pub(crate) fn ball(centre: V3, radius: f32, skin: Skin) -> Self {
        Self::ellipsoid(centre, v3(radius, radius, radius), skin)
    }

    pub(crate) fn ellipsoid(centre: V3, radii: V3, skin: Skin) -> Self {
        let ball = (centre, radii.x.max(radii.y).max(radii.z));
        Self { shape: Shape::Ellipsoid { centre, radii }, skin, ball }
    }

    /// A box from its smallest to its largest corner.
    pub(crate) fn block(low: V3, high: V3, skin: Skin) -> Self {
        Self::turned((low + high) * 0.5, (high - low) * 0.5, (1.0, 0.0), skin)
    }

    pub(crate) fn turned(centre: V3, half: V3, turn: (f32, f32), skin: Skin) -> Self {
        Self { shape: Shape::Block { centre, half, turn }, skin, ball: (centre, half.length()) }
    }

    pub(crate) fn frustum(base: V3, height: f32, low: f32, high: f32, skin: Skin) -> Self {
        let middle = v3(0.0, height * 0.5, 0.0);
        let ball = (base + middle, (middle + v3(low.max(high), 0.0, 0.0)).length());
        Self { shape: Shape::Frustum { base, height, low, high }, skin, ball }
    }

    /// Nearest hit in front of `eye`: distance, outward normal, and the point in the body's own frame.
    fn hit(&self, eye: V3, ray: V3) -> Option<(f32, V3, V3)> {
        let (to, radius) = (self.ball.0 - eye, self.ball.1 * 1.001);
        let (ahead, outside) = (to.dot(ray), to.dot(to) - radius * radius);
        if outside > 0.0 && (ahead < 0.0 || ahead * ahead < outside) {
            return None;
        }
        match &self.shape {
            Shape::Ellipsoid { centre, radii } => hit_ellipsoid(eye - *centre, ray, *radii),
            Shape::Block { centre, half, turn } => hit_block(eye - *centre, ray, *half, *turn),
            Shape::Frustum { base, height, low, high } => hit_frustum(eye - *base, ray, *height, *low, *high),
        }
    }
}

const NEAR: f32 = 1e-3;

fn hit_ellipsoid(eye: V3, ray: V3, radii: V3) -> Option<(f32, V3, V3)> {
    let shrink = v3(1.0 / radii.x, 1.0 / radii.y, 1.0 / radii.z);
    let (o, d) = (eye * shrink, ray * shrink);
    let (a, b, c) = (d.dot(d), o.dot(d), o.dot(o) - 1.0);
    let root = b * b - a * c;
    if root < 0.0 {
        return None;
    }
    let root = root.sqrt();
    let t = [(-b - root) / a, (-b + root) / a].into_iter().find(|&t| t > NEAR)?;
    let at = eye + ray * t;
    Some((t, (at * shrink * shrink).unit(), at))
}

fn hit_block(eye: V3, ray: V3, half: V3, (c, s): (f32, f32)) -> Option<(f32, V3, V3)> {
    let inward = |v: V3| v3(c * v.x + s * v.z, v.y, c * v.z - s * v.x);
    let outward = |v: V3| v3(c * v.x - s * v.z, v.y, c * v.z + s * v.x);
    let (o, d) = (inward(eye), inward(ray));
    let (mut enter, mut leave) = (f32::MIN, f32::MAX);
    let (mut enter_axis, mut leave_axis) = (0, 0);
    for (axis, (o, d, h)) in
        [(o.x, d.x, half.x), (o.y, d.y, half.y), (o.z, d.z, half.z)].into_iter().enumerate()
    {
        let d = if d.abs() < 1e-9 { 1e-9 } else { d };
        let (a, b) = ((-h - o) / d, (h - o) / d);
        let (near, far) = if a < b { (a, b) } else { (b, a) };
        if near > enter {
            (enter, enter_axis) = (near, axis);
        }
        if far < leave {
            (leave, leave_axis) = (far, axis);
        }
    }
    if enter > leave || leave < NEAR {
        return None;
    }
    let (t, axis) = if enter > NEAR { (enter, enter_axis) } else { (leave, leave_axis) };
    let at = o + d * t;
    let normal = match axis {
        0 => v3(at.x.signum(), 0.0, 0.0),
        1 => v3(0.0, at.y.signum(), 0.0),
        _ => v3(0.0, 0.0, at.z.signum()),
    };
    Some((t, outward(normal), at))
}

fn hit_frustum(eye: V3, ray: V3, height: f32, low: f32, high: f32) -> Option<(f32, V3, V3)> {
    let slope = (high - low) / height;
    let (r, k) = (low + slope * eye.y, slope * ray.y);
    let a = ray.x * ray.x + ray.z * ray.z - k * k;
    let b = eye.x * ray.x + eye.z * ray.z - r * k;
    let c = eye.x * eye.x + eye.z * eye.z - r * r;
    let mut best: Option<(f32, V3, V3)> = None;
    let mut offer = |t: f32, normal: V3, at: V3| {
        if t > NEAR && best.is_none_or(|(known, ..)| t < known) {
            best = Some((t, normal, at));
        }
    };
    let root = b * b - a * c;
    if root >= 0.0 && a.abs() > 1e-9 {
        let root = root.sqrt();
        for t in [(-b - root) / a, (-b + root) / a] {
            let at = eye + ray * t;
            if at.y >= 0.0 && at.y <= height && low + slope * at.y >= 0.0 {
                offer(t, v3(at.x, -slope * (low + slope * at.y), at.z).unit(), at);
            }
        }
    }
    if ray.y.abs() > 1e-9 {
        for (level, radius, up) in [(0.0, low, -1.0), (height, high, 1.0)] {
            let t = (level - eye.y) / ray.y;
            let at = eye + ray * t;
            if at.x * at.x + at.z * at.z <= radius * radius {
                offer(t, v3(0.0, up, 0.0), at);
            }
        }
    }
    best
}

impl Scene {
    fn nearest(&self, eye: V3, ray: V3) -> Option<(f32, V3, V3, &Body)> {
        let mut best: Option<(f32, V3, V3, &Body)> = None;
        for body in &self.bodies {
            if let Some((t, normal, at)) = body.hit(eye, ray)
                && best.is_none_or(|(known, ..)| t < known)
            {
                best = Some((t, normal, at, body));
            }
        }
        best
    }

    fn shadowed(&self, at: V3, way: V3, distance: f32) -> bool {
        let blocks = |body: &Body| body.hit(at, way).is_some_and(|(hit, ..)| hit < distance);
        self.bodies.iter().any(|body| !body.skin.glows && blocks(body))
    }

    /// Light arriving along a ray, or nothing when it leaves the scene. `grain` varies the lamps' points, which
    /// softens shadows over neighbouring samples.
    pub(crate) fn light(&self, eye: V3, ray: V3, grain: (i32, i32)) -> Option<V3> {
        let (t, normal, own, body) = self.nearest(eye, ray)?;
        let normal = if normal.dot(ray) > 0.0 { normal * -1.0 } else { normal };
        let at = eye + ray * t + normal * 2e-3;
        let colour = body.skin.colour(own, normal);
        if body.skin.glows {
            return Some(colour);
        }
        let mut sum = colour * self.ambient * (0.75 + 0.25 * normal.y);
        for (number, lamp) in self.lamps.iter().enumerate() {
            let jitter = |k: u32| lattice(grain.0, grain.1, 77 + 3 * number as u32 + k) - 0.5;
            let point = lamp.at + v3(jitter(0), jitter(1), jitter(2)) * lamp.size;
            let way = point - at;
            let distance = way.length();
            let way = way * (1.0 / distance);
            let facing = normal.dot(way);
            if facing <= 0.0 || self.shadowed(at, way, distance) {
                continue;
            }
            let strength = (lamp.reach / distance) * (lamp.reach / distance);
            sum = sum + colour * lamp.colour * (facing * strength.min(4.0));
            let shine = (way - ray).unit().dot(normal).max(0.0);
            let shine = shine * shine * shine * shine;
            let shine = shine * shine * shine * shine * shine * shine;
            sum = sum + lamp.colour * (body.skin.shine * shine * strength.min(4.0));
        }
        Some(match self.haze {
            Some((colour, per_metre)) => sum.mix(colour, t * per_metre / (1.0 + t * per_metre)),
            None => sum,
        })
    }
}
