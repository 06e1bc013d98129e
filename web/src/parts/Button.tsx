import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { showProblem } from "~/parts/toast";

interface Props {
  children: ComponentChildren;
  /** What it does; while a promise runs the button waits, and what it throws is shown. */
  onClick?: () => void | Promise<unknown>;
  kind?: "main" | "danger" | "plain";
  /** Why it cannot be used now; null or undefined where it can. */
  reason?: string | null;
  /** Makes it a switch. */
  isPressed?: boolean;
  label?: string;
  title?: string;
  type?: "button" | "submit";
  class?: string;
}

/** A button. Where it cannot be used it stays in reach of the keyboard and says why. */
export function Button(props: Props) {
  const id = useId();
  const [isBusy, setBusy] = useState(false);
  const { reason, kind, onClick } = props;
  const isOff = Boolean(reason) || isBusy;

  const click = (event: MouseEvent) => {
    if (isOff) {
      event.preventDefault();
      return;
    }
    const running = onClick?.();
    if (!(running instanceof Promise)) return;
    setBusy(true);
    running.catch(showProblem).finally(() => setBusy(false));
  };

  return (
    <>
      <button
        type={props.type ?? "button"}
        class={["button", kind && `is-${kind}`, props.class].filter(Boolean).join(" ")}
        aria-disabled={isOff ? "true" : undefined}
        aria-busy={isBusy || undefined}
        aria-pressed={props.isPressed}
        aria-label={props.label}
        aria-describedby={reason ? id : undefined}
        title={reason ?? props.title}
        onClick={click}
      >
        {props.children}
      </button>
      {reason && (
        <span id={id} class="unseen">
          {reason}
        </span>
      )}
    </>
  );
}

interface DeleteProps {
  /** Of what goes, for those who hear the page. */
  name: string;
  reason: string | null;
  onClick: () => void;
}

/** Asks to delete one row of a table. */
export function DeleteButton({ name, ...rest }: DeleteProps) {
  return (
    <Button kind="plain" label={`Delete ${name}`} {...rest}>
      Delete
    </Button>
  );
}
