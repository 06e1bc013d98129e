import { CloseDialog, Dialog } from "~/parts/Dialog";
import { useStore } from "~/store";
import { keysStore, setKeys } from "./use_keys";

const KEYS: [keys: string[], does: string][] = [
  [["G"], "graphene"],
  [["B"], "not graphene"],
  [["U"], "unsure"],
  [["1", "2", "3", "4"], "graphene with so many layers"],
  [["Z"], "take the last verdict back"],
  [["\u2190", "\u2191", "\u2193", "\u2192"], "go to another flake (with Shift: select)"],
  [["Home", "End"], "first, last"],
  [["Enter"], "open a flake"],
  [["Esc"], "back to the gallery; forget the selection"],
  [["O"], "outline on or off"],
  [["C"], "gallery in colour or in contrast"],
  [["Space"], "select this flake"],
  [["A"], "select all that are shown, or none"],
  [["?"], "this list"],
];

/** What the keys do. */
export function KeyHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const isOn = useStore(keysStore);
  return (
    <Dialog title="Keys" isOpen={isOpen} onClose={onClose}>
      <dl class="facts review-keys">
        {KEYS.map(([keys, does]) => (
          <>
            <dt key={does}>
              {keys.map((key) => (
                <kbd key={key} class="review-key">
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </>
        ))}
      </dl>
      <label class="row review-keys-switch">
        <input
          type="checkbox"
          checked={isOn}
          onChange={(event) => setKeys(event.currentTarget.checked)}
        />
        Single keys work
      </label>
      <p class="small quiet">They never work while you type. Turn them off for speech input.</p>
      <CloseDialog onClose={onClose} />
    </Dialog>
  );
}
