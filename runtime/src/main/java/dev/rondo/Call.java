package dev.rondo;

import dev.rondo.error.StateException;
import dev.rondo.graph.Function;
import dev.rondo.kernel.KernelProvider;
import dev.rondo.kernel.SwitchingKernels;
import dev.rondo.plan.Operand;
import dev.rondo.plan.Plan;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A function prepared to be called again and again in one session. Fill the inputs, {@link #run}, read the outputs;
 * nothing is allocated.
 */
public final class Call {
    private final Session session;
    private final Function function;
    private final Plan plan;
    private final Map<String, Port> inputs;
    private final Map<String, Port> outputs;
    private final SwitchingKernels switching;
    private KernelProvider running;
    private int version = -1;
    private boolean asksWarmUp;

    /** Written by the thread that warms up, read after the acquire read of the owner, which keeps it fresh. */
    private KernelProvider warmed;

    /** @param switching the plan's kernels, when they are to be exchanged; else null */
    Call(Session session, Function function, Plan plan, KernelProvider running, SwitchingKernels switching) {
        this.session = session;
        this.function = function;
        this.plan = plan;
        this.running = running;
        this.warmed = running;
        this.switching = switching;
        this.asksWarmUp = switching != null;
        this.inputs = ports(plan.inputs());
        this.outputs = ports(plan.outputs());
    }

    private static Map<String, Port> ports(Map<String, Operand> operands) {
        var ports = new LinkedHashMap<String, Port>();
        for (Map.Entry<String, Operand> operand : operands.entrySet()) {
            ports.put(operand.getKey(), new Port(operand.getValue()));
        }
        return ports;
    }

    public Function function() {
        return function;
    }

    /**
     * Which kernels made the present outputs, "plain 32 bit" or "vector 512 bit"; before the first run, which will.
     * Only in a session with {@link Model.Kernel#WARMING} do they change.
     */
    public String kernels() {
        session.begin();
        return running.name() + " " + running.bits() + " bit";
    }

    /** Whether the plain loops make them. */
    public boolean isPlain() {
        return running.name().equals("plain");
    }

    Map<String, Port> inputs() {
        return inputs;
    }

    /** Tells that these kernels are compiled; the next run takes them. For the thread that warms up. */
    void warmed(KernelProvider provider) {
        warmed = provider;
    }

    /** Exchanges the kernels, where that can be. */
    void use(KernelProvider provider) {
        if (switching != null) {
            switching.use(provider.kernels());
            running = provider;
            warmed = provider;
            asksWarmUp = false;
        }
    }

    /** Takes kernels that have become warm. */
    void switchOver() {
        if (warmed != running) {
            use(warmed);
        }
    }

    /** Starts to compile this function beside the session, unless it has been. */
    void warmUp() {
        if (switching == null || isPlain()) {
            asksWarmUp = false;
            session.warmUp(this);
        }
    }

    /** Computes the outputs and leaves the states as they are. */
    void rehearse() {
        session.begin();
        prepare();
        plan.run();
    }

    /**
     * An input to fill.
     *
     * @throws StateException when the function has none of that name
     */
    public Port input(String name) {
        return port(inputs, "input", name);
    }

    /** An output to read after {@link #run}; its values stay until the next run. */
    public Port output(String name) {
        return port(outputs, "output", name);
    }

    private Port port(Map<String, Port> ports, String kind, String name) {
        // Sizes may have changed since the last run, and a port shows the current ones; they are the owner's.
        session.begin();
        prepare();
        Port port = ports.get(name);
        if (port == null) {
            throw new StateException(
                    kind + " '" + name + "' of function " + function.name(),
                    "the function has " + kind + "s " + ports.keySet(),
                    "'" + name + "'",
                    "use one of them");
        }
        return port;
    }

    private void prepare() {
        if (version != session.version()) {
            plan.resize();
            version = session.version();
        }
    }

    /**
     * Computes the outputs and replaces the session's states, on one kind of kernels. When it throws, the states are as they were.
     *
     * @throws StateException when another thread owns the session or the model has been closed
     * @throws dev.rondo.error.InputException when an index or a length is out of range
     */
    public void run() {
        session.begin();
        session.requireOpen();
        switchOver();
        try {
            prepare();
            plan.run();
        } catch (IllegalStateException closed) {
            throw session.closed(closed);
        }
        plan.commit();
        if (asksWarmUp) {
            warmUp();
        }
    }
}
