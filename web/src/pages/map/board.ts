/** The map itself: OpenLayers with the squares of a scan. Knows no page and asks no API. */

import { defaults as usualInteractions } from "ol/interaction/defaults";
import TileLayer from "ol/layer/Tile";
import OlMap from "ol/Map";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import { Projection } from "ol/proj";
import type RenderEvent from "ol/render/Event";
import View from "ol/View";
import "ol/ol.css";
import { type Sign, signOf, turned, turnedBox } from "~/pages/map/axes";
import { FlakeLayer } from "~/pages/map/flake_layer";
import { Marks } from "~/pages/map/marked";
import { Measure } from "~/pages/map/measure";
import type { Sight } from "~/pages/map/place";
import { Squares } from "~/pages/map/squares";
import type { Box, ChipMap, Point } from "~/pages/map/types";

const FLY_MS = 350;
// Closer than this a pixel of the camera is a square of 16 pixels: nothing more is to be seen.
const CLOSEST = 1 / 16;
const FIT_PADDING_PX = 24;

/** What the page hears from the map; places are the stage's. */
export interface Heard {
  /** After each movement. */
  onRest: (sight: Sight, box: Box) => void;
  /** undefined: the pointer has left. */
  onPoint: (place: Point | undefined) => void;
  onClick: (place: Point) => void;
}

export class Board {
  readonly flakes: FlakeLayer;
  readonly marks: Marks;
  readonly measure: Measure;
  readonly sign: Sign;
  private readonly map: OlMap;
  private readonly view: View;
  private readonly squares: Squares;
  private readonly tiles: TileLayer;

  constructor(
    private readonly target: HTMLElement,
    private chip: ChipMap,
    heard: Heard,
  ) {
    this.sign = signOf(chip);
    const projection = projectionOf(chip);
    const finest = chip.resolutions.at(-1) ?? 1;
    this.view = new View({
      projection,
      minResolution: finest * CLOSEST,
      maxResolution: chip.resolutions[0] ?? finest,
      center: [0, 0],
      resolution: finest,
      constrainRotation: 4,
      showFullExtent: true,
      multiWorld: true,
    });
    this.squares = new Squares(chip, projection);
    this.tiles = new TileLayer({ source: this.squares.source });
    this.tiles.on("prerender", (event) => sharpen(event, finest));
    this.flakes = new FlakeLayer();
    this.marks = new Marks(this.sign);
    this.map = new OlMap({
      target,
      view: this.view,
      layers: [
        this.tiles,
        this.marks.failedLayer,
        this.marks.driftedLayer,
        this.marks.layer,
        this.flakes.layer,
      ],
      controls: [],
      interactions: usualInteractions({
        keyboard: false,
        altShiftDragRotate: false,
        pinchRotate: false,
      }),
    });
    this.measure = new Measure(this.map, chip.unit);
    this.listen(heard);
  }

  private listen(heard: Heard): void {
    this.map.on("moveend", () => heard.onRest(this.sight(), this.box()));
    this.map.on("pointermove", (event) => {
      heard.onPoint(event.dragging ? undefined : this.placeOf(event));
    });
    this.target.addEventListener("pointerleave", () => heard.onPoint(undefined));
    this.map.on("singleclick", (event) => {
      if (!this.measure.isOn) heard.onClick(this.placeOf(event));
    });
  }

  private placeOf(event: MapBrowserEvent): Point {
    const [x = 0, y = 0] = event.coordinate;
    return turned([x, y], this.sign);
  }

  /** The tiles, their places or pictures changed. */
  renew(chip: ChipMap): void {
    this.chip = chip;
    this.squares.renew(chip);
  }

  show(layer: "tiles" | "outlines" | "failed", isShown: boolean): void {
    const layers = {
      tiles: this.tiles,
      outlines: this.flakes.layer,
      failed: this.marks.failedLayer,
    };
    layers[layer].setVisible(isShown);
  }

  sight(): Sight {
    const [x = 0, y = 0] = this.view.getCenter() ?? [];
    const [stageX, stageY] = turned([x, y], this.sign);
    return { x: stageX, y: stageY, resolution: this.resolution };
  }

  get resolution(): number {
    return this.view.getResolution() ?? 1;
  }

  /** Calls back whenever the scale changes, also while it does. */
  watchResolution(listener: (resolution: number) => void): () => void {
    const call = () => listener(this.resolution);
    this.view.on("change:resolution", call);
    return () => this.view.un("change:resolution", call);
  }

  /** Calls back with the pointer's place; undefined when it has left. */
  watchPointer(listener: (place: Point | undefined) => void): () => void {
    const move = (event: MapBrowserEvent) => listener(this.placeOf(event));
    const leave = () => listener(undefined);
    this.map.on("pointermove", move);
    this.target.addEventListener("pointerleave", leave);
    return () => {
      this.map.un("pointermove", move);
      this.target.removeEventListener("pointerleave", leave);
    };
  }

  /** Width and height on the screen. */
  get size(): Point {
    const [width = 0, height = 0] = this.map.getSize() ?? [];
    return [width, height];
  }

  /** What is seen now, on the stage. */
  box(): Box {
    const [left = 0, low = 0, right = 0, high = 0] = this.view.calculateExtent(this.map.getSize());
    return turnedBox([left, low, right, high], this.sign);
  }

  /** Where a place of the stage is on the screen, from the map's top left corner. */
  pixelOf(place: Point): Point | undefined {
    const [px, py] = this.map.getPixelFromCoordinate(turned(place, this.sign)) ?? [];
    return px === undefined || py === undefined ? undefined : [px, py];
  }

  /** Without a way there: when the page opens. */
  look(sight: Sight): void {
    this.view.setCenter(turned([sight.x, sight.y], this.sign));
    this.view.setResolution(sight.resolution);
  }

  lookAtAll(): void {
    if (this.chip.extent) this.lookAtBox(this.chip.extent);
  }

  /** A box of the stage as large as the window has room for. */
  lookAtBox(box: Box): void {
    this.view.fit(turnedBox(box, this.sign), { padding: Array(4).fill(FIT_PADDING_PX) });
  }

  /** Go to a place; nearer than now where `resolution` asks for it, never farther. */
  fly(place: Point, resolution: number): void {
    this.view.cancelAnimations();
    this.view.animate({
      center: turned(place, this.sign),
      resolution: Math.min(resolution, this.resolution),
      duration: duration(),
    });
  }

  /** By shares of what is seen. */
  pan(right: number, down: number): void {
    const [width = 0, height = 0] = this.map.getSize() ?? [];
    const [x = 0, y = 0] = this.view.getCenter() ?? [];
    const turn = this.view.getRotation();
    const [dx, dy] = [right * width * this.resolution, -down * height * this.resolution];
    const center = [
      x + dx * Math.cos(turn) - dy * Math.sin(turn),
      y + dx * Math.sin(turn) + dy * Math.cos(turn),
    ];
    this.view.cancelAnimations();
    this.view.animate({ center, duration: duration() / 2 });
  }

  /** Nearer (2) or farther (0.5). */
  zoom(factor: number): void {
    this.view.cancelAnimations();
    this.view.animate({ resolution: this.resolution / factor, duration: duration() / 2 });
  }

  turn(clockwiseDeg: number): void {
    const rotation = (clockwiseDeg * Math.PI) / 180;
    // To set what is set already would end a flight on its way.
    if (this.view.getRotation() !== rotation) this.view.setRotation(rotation);
  }

  /** The space for it has changed. */
  resize(): void {
    this.map.updateSize();
  }

  close(): void {
    this.map.setTarget(undefined);
    this.map.dispose();
    this.flakes.close();
  }
}

function duration(): number {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : FLY_MS;
}

/** Plain lengths in a plane: one unit is one unit everywhere. */
function projectionOf(chip: ChipMap): Projection {
  return new Projection({
    code: `flakescope-${chip.unit}`,
    units: chip.unit === "um" ? "m" : "pixels",
    metersPerUnit: chip.unit === "um" ? 1e-6 : undefined,
    getPointResolution: (resolution) => resolution,
  });
}

/** Closer than one to one the camera's pixels are shown as they are. */
function sharpen({ context, frameState }: RenderEvent, finest: number): void {
  const resolution = frameState?.viewState.resolution ?? finest;
  if (context instanceof CanvasRenderingContext2D) {
    context.imageSmoothingEnabled = resolution >= finest * 0.999;
  }
}
