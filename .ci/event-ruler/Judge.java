import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import software.amazon.event.ruler.Machine;
import software.amazon.event.ruler.MachineComplexityEvaluator;
import software.amazon.event.ruler.JsonRuleCompiler;

/**
 * AWS's own matcher judges what our matcher said. Each line of the input is one pattern: where it is from, its text, whether we admit it, the
 * complexity that we give it, and events with our verdicts. Every difference is printed, and makes the exit code 1.
 */
@SuppressWarnings("deprecation")
public class Judge {
    private static final int MAX_LENGTH = 2048;
    private static final int MAX_COMPLEXITY = 9;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static int wrong;

    public static void main(String[] args) throws Exception {
        int patterns = 0;
        long verdicts = 0;
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode one = JSON.readTree(line);
            patterns++;
            verdicts += judge(one);
        }
        System.out.printf("%d patterns, %d verdicts, %d differences%n", patterns, verdicts, wrong);
        if (patterns == 0 || verdicts == 0 || wrong > 0) {
            System.exit(1);
        }
    }

    private static int judge(JsonNode one) throws Exception {
        String pattern = one.get("pattern").asText();
        String where = one.get("where").asText();
        boolean admitted = one.get("admitted").asBoolean();
        String refusal = JsonRuleCompiler.check(pattern, false);
        if (refusal != null) {
            if (admitted) {
                differ(where, pattern, "AWS refuses it, and we do not: " + refusal);
            }
            return 0;
        }
        Machine machine = new Machine();
        machine.addRule("rule", pattern);
        int complexity = machine.evaluateComplexity(new MachineComplexityEvaluator(1000));
        int length = pattern.codePointCount(0, pattern.length());
        if (one.get("deployed").asBoolean() && (!admitted || complexity > MAX_COMPLEXITY || length > MAX_LENGTH)) {
            differ(where, pattern, "it is deployed; admitted by us: " + admitted + ", complexity " + complexity + ", " + length + " characters");
        }
        if (admitted && one.get("complexity").asInt() < complexity) {
            differ(where, pattern, "its complexity is " + complexity + ", and we say " + one.get("complexity").asInt());
        }
        if (!admitted) {
            return 0;
        }
        int verdicts = 0;
        for (JsonNode event : one.get("events")) {
            String text = event.get("event").asText();
            boolean matches = !machine.rulesForJSONEvent(text).isEmpty();
            verdicts++;
            if (matches != event.get("match").asBoolean()) {
                differ(where, pattern, "AWS says " + matches + ", and we do not, of " + text);
            }
        }
        return verdicts;
    }

    private static void differ(String where, String pattern, String what) {
        wrong++;
        if (wrong <= 50) {
            System.out.printf("%s: %s%n  %s%n", where, pattern, what);
        }
    }
}
