import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "~/parts/Button";

interface Props {
  title: string;
  isOpen: boolean;
  /** Called by Escape, too. */
  onClose: () => void;
  children: ComponentChildren;
}

/** A question or a form over the page; focus stays inside and goes back at the end. */
export function Dialog({ title, isOpen, onClose, children }: Props) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {isOpen && children}
    </dialog>
  );
}

/** The way out of a dialog that only tells. */
export function CloseDialog({ onClose }: Pick<Props, "onClose">) {
  return (
    <div class="dialog-end">
      <Button onClick={onClose}>Close</Button>
    </div>
  );
}

interface ConfirmProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** What the button says: a verb, "Delete". */
  verb: string;
  onConfirm: () => Promise<unknown>;
  children: ComponentChildren;
}

/** Asks before something is done that cannot be undone. */
export function Confirm({ verb, onConfirm, children, ...rest }: ConfirmProps) {
  return (
    <Dialog {...rest}>
      {children}
      <div class="dialog-end">
        <Button onClick={rest.onClose}>Leave as it is</Button>
        <Button kind="danger" onClick={() => onConfirm().then(rest.onClose)}>
          {verb}
        </Button>
      </div>
    </Dialog>
  );
}
