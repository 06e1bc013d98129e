/** Measures a distance or an area on the map, in its unit. */
import type LineString from "ol/geom/LineString";
import type OlPolygon from "ol/geom/Polygon";
import Draw from "ol/interaction/Draw";
import VectorLayer from "ol/layer/Vector";
import type OlMap from "ol/Map";
import { unByKey } from "ol/Observable";
import VectorSource from "ol/source/Vector";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import { areaOf, areaText, lengthOf, lengthText, type Unit } from "~/pages/map/lengths";

export type What = "distance" | "area";
type Listener = (text: string, isFinal: boolean) => void;

const LINE = [
  new Style({ stroke: new Stroke({ color: "rgb(10 8 12 / 80%)", width: 5 }) }),
  new Style({
    stroke: new Stroke({ color: "#ffffff", width: 2 }),
    fill: new Fill({ color: "rgb(255 255 255 / 15%)" }),
    image: new CircleStyle({
      radius: 5,
      fill: new Fill({ color: "#ffffff" }),
      stroke: new Stroke({ color: "rgb(10 8 12 / 80%)", width: 2 }),
    }),
  }),
];

export class Measure {
  private draw: Draw | undefined;
  private readonly source = new VectorSource();

  constructor(
    private readonly map: OlMap,
    private readonly unit: Unit,
  ) {
    map.addLayer(new VectorLayer({ source: this.source, style: LINE }));
  }

  get isOn(): boolean {
    return this.draw !== undefined;
  }

  /** From now on clicks draw; each new drawing takes the place of the last. */
  start(what: What, listener: Listener): void {
    this.stop();
    const draw = new Draw({
      source: this.source,
      type: what === "area" ? "Polygon" : "LineString",
      style: LINE,
    });
    draw.on("drawstart", ({ feature }) => {
      this.source.clear();
      const geometry = feature.getGeometry() as LineString | OlPolygon;
      const key = geometry.on("change", () => listener(this.textOf(geometry), false));
      draw.once(["drawend", "drawabort"] as never, () => unByKey(key));
    });
    draw.on("drawend", ({ feature }) => {
      listener(this.textOf(feature.getGeometry() as LineString | OlPolygon), true);
    });
    this.map.addInteraction(draw);
    this.draw = draw;
  }

  stop(): void {
    if (this.draw) this.map.removeInteraction(this.draw);
    this.draw = undefined;
    this.source.clear();
  }

  private textOf(geometry: LineString | OlPolygon): string {
    if (geometry.getType() === "LineString") {
      return lengthText(lengthOf(geometry.getCoordinates() as number[][]), this.unit);
    }
    const [ring = []] = geometry.getCoordinates() as number[][][];
    return `${areaText(areaOf(ring), this.unit)}, ${lengthText(lengthOf(ring), this.unit)} around`;
  }
}
