/* What of the map is seen, and the hands on it: mouse, touch, wheel and keys. */

const CLOSEST = 400; // times the whole map
const TAP = 6; // pixels that a finger may slip

class Camera {
  constructor() {
    Object.assign(this, { x: 0.5, y: 0.5, zoom: 1, width: 1, height: 1 });
  }

  /** Pixels for the side of the unit square. */
  get scale() {
    return this.zoom * 0.94 * Math.min(this.width, this.height);
  }

  toScreen(unit, places) {
    const { scale } = this, left = this.width / 2 - this.x * scale;
    const top = this.height / 2 - this.y * scale;
    for (let at = 0; at < unit.length; at += 2) {
      places[at] = unit[at] * scale + left;
      places[at + 1] = unit[at + 1] * scale + top;
    }
  }

  toUnit(px, py) {
    const { scale } = this;
    return [(px - this.width / 2) / scale + this.x, (py - this.height / 2) / scale + this.y];
  }

  pan(dx, dy) {
    this.x = Math.min(Math.max(this.x - dx / this.scale, 0), 1);
    this.y = Math.min(Math.max(this.y - dy / this.scale, 0), 1);
  }

  /** Zooms so that what is at a pixel stays there. */
  zoomAt(px, py, factor) {
    const [x, y] = this.toUnit(px, py);
    this.zoom = Math.min(Math.max(this.zoom * factor, 0.8), CLOSEST);
    const [nx, ny] = this.toUnit(px, py);
    this.x = Math.min(Math.max(this.x + x - nx, 0), 1);
    this.y = Math.min(Math.max(this.y + y - ny, 0), 1);
  }

  reset() {
    Object.assign(this, { x: 0.5, y: 0.5, zoom: 1 });
  }
}

/** Calls back what hands do: moved(), hover(x, y), tap(x, y, touch), traced(path, done). */
function hands(surface, camera, { moved, hover, tap, traced, tracing, eager }) {
  const down = new Map();
  let path = [], slipped = 0;
  const at = (event) => {
    const box = surface.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const middle = () => {
    const all = [...down.values()];
    const [x, y] = [0, 1].map((c) => all.reduce((sum, p) => sum + p[c], 0) / all.length);
    return { x, y, far: all.length > 1 ? Math.hypot(all[0][0] - all[1][0], all[0][1] - all[1][1]) : 0 };
  };

  surface.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    surface.setPointerCapture(event.pointerId);
    down.set(event.pointerId, at(event));
    if (down.size === 1) [slipped, path] = [0, [at(event)]];
    else if (path.length) traced((path = []), false); // a second finger zooms
  });
  surface.addEventListener("pointermove", (event) => {
    const place = at(event);
    if (!down.has(event.pointerId)) {
      if (event.pointerType === "mouse") hover(...place);
      return;
    }
    const before = middle(), was = down.get(event.pointerId);
    down.set(event.pointerId, place);
    slipped += Math.hypot(place[0] - was[0], place[1] - was[1]);
    if (tracing() && down.size === 1 && path.length) {
      path.push(place);
      traced(path, false);
      return;
    }
    const after = middle();
    camera.pan(after.x - before.x, after.y - before.y);
    if (before.far && after.far) camera.zoomAt(after.x, after.y, after.far / before.far);
    moved();
  });
  const up = (event) => {
    if (!down.delete(event.pointerId) || down.size) return;
    const whole = path;
    path = [];
    if (event.type === "pointercancel") return traced([], false);
    if (slipped < TAP) {
      traced([], false);
      tap(...at(event), event.pointerType !== "mouse");
    } else if (tracing()) traced(whole, true);
  };
  surface.addEventListener("pointerup", up);
  surface.addEventListener("pointercancel", up);
  surface.addEventListener("pointerleave", () => hover(-1e9, -1e9));
  surface.addEventListener(
    "wheel",
    (event) => {
      // In a page that scrolls, the wheel is the page's until the map has been clicked.
      if (!eager && !event.ctrlKey && document.activeElement !== surface) return;
      event.preventDefault();
      const lines = event.deltaMode ? 20 : 1;
      camera.zoomAt(...at(event), Math.exp(-0.0015 * lines * event.deltaY));
      moved();
    },
    { passive: false },
  );
  surface.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { width, height } = camera;
    const done = {
      ArrowLeft: () => camera.pan(width / 10, 0),
      ArrowRight: () => camera.pan(-width / 10, 0),
      ArrowUp: () => camera.pan(0, height / 10),
      ArrowDown: () => camera.pan(0, -height / 10),
      "+": () => camera.zoomAt(width / 2, height / 2, 1.4),
      "=": () => camera.zoomAt(width / 2, height / 2, 1.4),
      "-": () => camera.zoomAt(width / 2, height / 2, 1 / 1.4),
      0: () => camera.reset(),
      Enter: () => tap(width / 2, height / 2, true, true),
    }[event.key];
    if (!done) return;
    event.preventDefault();
    done();
    moved();
  });
}

/** Which points lie inside a closed path: those that `wanted` takes. */
function within(path, places, wanted) {
  const found = [];
  for (let i = 0; 2 * i < places.length; i++) {
    if (!wanted(i)) continue;
    const x = places[2 * i], y = places[2 * i + 1];
    let odd = false;
    for (let a = 0, b = path.length - 1; a < path.length; b = a++) {
      const [ax, ay] = path[a], [bx, by] = path[b];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
    }
    if (odd) found.push(i);
  }
  return found;
}
