package dev.rondo;

import dev.rondo.error.StateException;
import dev.rondo.graph.Function;
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
    private int version = -1;

    Call(Session session, Function function, Plan plan) {
        this.session = session;
        this.function = function;
        this.plan = plan;
        this.inputs = ports(plan.inputs());
        this.outputs = ports(plan.outputs());
    }

    private static Map<String, Port> ports(Map<String, Operand> operands) {
        var ports = new LinkedHashMap<String, Port>();
        operands.forEach((name, operand) -> ports.put(name, new Port(operand)));
        return ports;
    }

    public Function function() {
        return function;
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
     * Computes the outputs and replaces the session's states. When it throws, the states are as they were.
     *
     * @throws StateException when another thread owns the session or the model has been closed
     * @throws dev.rondo.error.InputException when an index or a length is out of range
     */
    public void run() {
        session.begin();
        session.requireOpen();
        try {
            prepare();
            plan.run();
        } catch (IllegalStateException closed) {
            throw session.closed(closed);
        }
        plan.commit();
    }
}
