// Package simulate is the command that attacks a deployment on this machine and shows which checks passed.
// It knows no attack and no service: the scenarios and the loopback cloud are package simulate's of the app.
package simulate

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	templates "trailkeeper/cdk/golden"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/listen"
	"trailkeeper/lambda/internal/simulate/page"
	"trailkeeper/lambda/internal/simulate/render"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/scenarios"

	"trailkeeper/lambda/trailkeeper/cli"
)

// options are the command's flags.
type options struct {
	scenarios []string
	events    []string
	template  string
	mode      string
	settings  string
	listen    string
	html      string
	delay     time.Duration
	json      bool
}

// New makes the command.
func New() *cobra.Command {
	var f options
	cmd := &cobra.Command{
		Use:   "simulate [flags]",
		Short: "Attack a deployment on this machine and check what it does",
		Long: "Sets up a cloud on loopback that knows only what the CloudFormation template says: EventBridge rules,\n" +
			"Slack API destination, the guard with its real code and the real AWS SDK, topic, queues, alarms and\n" +
			"IAM. It plays attacks on CloudTrail in virtual time and prints for each what the attacker did, what\n" +
			"was restored, what Slack and SNS showed, and which checks passed. It needs no AWS account and no\n" +
			"network.\n\n" +
			"With --html it writes all of it as one page for a browser, which loads and runs nothing.\n\n" +
			"With --listen it runs in real time until interrupted, for an AWS CLI or SDK with --endpoint-url.\n" +
			"What can be called is in lambda/README.md, \"Attack it yourself\".\n\n" +
			"It exits with 1 if a check failed.",
		Example: "  trailkeeper simulate\n" +
			"  trailkeeper simulate --scenario logging-stopped --scenario slack-down\n" +
			"  trailkeeper simulate --event stop-logging.json --json\n" +
			"  trailkeeper simulate --template cdk.out/trailkeeper.template.json\n" +
			"  trailkeeper simulate --html attacks.html\n" +
			"  trailkeeper simulate --listen 127.0.0.1:4566 --mode recreate --delay 0",
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	cmd.Flags().StringArrayVar(&f.scenarios, "scenario", nil, "play only the scenario `NAME`; may be repeated")
	cmd.Flags().StringArrayVar(&f.events, "event", nil,
		"play the events or records in `FILE`, read as replay does (- is standard input)")
	cmd.Flags().StringVar(&f.template, "template", "", "deploy the synthesized template in `FILE`, not the built-in one")
	cmd.Flags().StringVar(&f.mode, "mode", "",
		"deploy the built-in template of `MODE`: notify, restart, restore or recreate")
	cmd.Flags().StringVar(&f.settings, "settings", "",
		"deploy what CDK makes of the settings in `FILE`; in the checkout, with Go and Node")
	cmd.Flags().DurationVar(&f.delay, "delay", usualDelay, "with --listen: how long lookup-events is behind")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object for each scenario")
	cmd.Flags().StringVar(&f.html, "html", "", "also write the run as one page to `FILE`")
	cmd.Flags().StringVar(&f.listen, "listen", "", "serve on the loopback `ADDRESS` until interrupted")
	for _, other := range []string{"scenario", "event", "json", "html"} {
		cmd.MarkFlagsMutuallyExclusive("listen", other)
	}
	cmd.MarkFlagsMutuallyExclusive("scenario", "event")
	cmd.MarkFlagsMutuallyExclusive("template", "mode", "settings")
	cli.Complete(cmd, "mode", func() []string { return cli.Strings(config.Modes()) })
	return cmd
}

func (f *options) run(cmd *cobra.Command) error {
	for _, name := range []string{"template", "mode", "settings", "event", "listen", "scenario", "html"} {
		if f.empty(cmd, name) {
			return cli.Usage("--" + name + " is empty: give it a value or leave it out")
		}
	}
	if cmd.Flags().Changed("delay") && f.listen == "" || f.delay < 0 {
		return cli.Usage("--delay needs --listen, and a time such as 0, 30s or 5m")
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	template, err := f.deployed(ctx, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if f.listen != "" {
		if err := listen.CheckAddress(f.listen); err != nil {
			return cli.Usage(err.Error())
		}
		return listen.Listen(ctx, out, listen.Options{Template: template, Address: f.listen, Delay: f.delay})
	}
	if len(f.events) > 0 {
		return f.playEvents(cmd, template)
	}
	chosen, err := f.chosen()
	if err != nil {
		return err
	}
	var results []result.Result
	for _, s := range chosen {
		r, err := simulate.Play(ctx, f.templateFor(s, template), s)
		if err == nil {
			err = f.print(out, r)
		}
		if err != nil {
			return err
		}
		results = append(results, r)
	}
	return f.finish(out, "scenario", results)
}

// templateFor returns what a scenario is played on: the template that was given, or the golden one that it is about.
func (f *options) templateFor(s scenarios.Scenario, given []byte) []byte {
	if content, ok := templates.Variant(s.Golden()); ok && f.template+f.mode+f.settings == "" {
		return content
	}
	return given
}

// empty reports whether a flag was given without a value.
func (f *options) empty(cmd *cobra.Command, name string) bool {
	values := map[string][]string{
		"template": {f.template},
		"mode":     {f.mode},
		"settings": {f.settings},
		"listen":   {f.listen},
		"html":     {f.html},
		"event":    f.events,
		"scenario": f.scenarios,
	}
	return cmd.Flags().Changed(name) && slices.Contains(values[name], "")
}

func (f *options) chosen() ([]scenarios.Scenario, error) {
	if len(f.scenarios) == 0 {
		return scenarios.All(), nil
	}
	var chosen []scenarios.Scenario
	for _, name := range f.scenarios {
		s, err := scenarios.Find(name)
		if err != nil {
			return nil, cli.Usage(err.Error())
		}
		chosen = append(chosen, s)
	}
	return chosen, nil
}

func (f *options) print(w io.Writer, r result.Result) error {
	if f.json {
		return render.WriteJSON(w, r)
	}
	return render.WriteText(w, r)
}

// finish prints the summary, and fails if a check failed.
func (f *options) finish(w io.Writer, what string, results []result.Result) error {
	if !f.json && len(results) > 0 {
		if err := render.WriteSummary(w, what, results); err != nil {
			return fmt.Errorf("write the summary: %w", err)
		}
	}
	if f.html != "" {
		var content bytes.Buffer
		err := page.Write(&content, results)
		if err == nil {
			err = cli.WriteFile(f.html, content.Bytes())
		}
		if err != nil {
			return cli.Failed("write the page: " + err.Error())
		}
		if !f.json {
			fmt.Fprintf(w, "The page is %s: open it in a browser.\n", f.html)
		}
	}
	for _, r := range results {
		if !r.Held() {
			return cli.Failed("") // all is said
		}
	}
	return nil
}
