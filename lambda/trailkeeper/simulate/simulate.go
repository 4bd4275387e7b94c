// Package simulate is the command that attacks a deployment on this machine and shows which checks passed.
// It knows no attack, no service and no form of output: these are the packages below package simulate of the app.
package simulate

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	templates "trailkeeper/cdk/golden"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/check"
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
	color     string
	delay     time.Duration
	json      bool
	list      bool
	verbose   bool
	messages  bool
}

// New makes the command.
func New() *cobra.Command {
	var f options
	cmd := &cobra.Command{
		Use:   "simulate [flags]",
		Short: "Attack a deployment on this machine and check what it does",
		Long: "Sets up a cloud on loopback that knows only what the CloudFormation template says: EventBridge rules,\n" +
			"Slack API destination, the guard with its real code and the real AWS SDK, topic, queues, alarms and\n" +
			"IAM. It plays attacks on CloudTrail in virtual time and prints for each whether its checks passed, how\n" +
			"long the trail was dark, and how many messages Slack and SNS took. What fails is printed whole, and with\n" +
			"--verbose everything: what the attacker did, what was restored, what was sent. It needs no AWS account\n" +
			"and no network.\n\n" +
			"With --html it writes all of it as one page for a browser, which loads and runs nothing.\n\n" +
			"With --listen it runs in real time until interrupted, for an AWS CLI or SDK with --endpoint-url.\n" +
			"What can be called is in lambda/README.md, \"Attack it yourself\".\n\n" +
			"It exits with 1 if a check failed, and with 130 if it was interrupted.",
		Example: "  trailkeeper simulate\n" +
			"  trailkeeper simulate --list\n" +
			"  trailkeeper simulate --scenario 'slack-*' --scenario logging-stopped --verbose\n" +
			"  trailkeeper simulate --scenario logging-stopped --messages\n" +
			"  trailkeeper simulate --event stop-logging.json --json\n" +
			"  trailkeeper simulate --template cdk.out/trailkeeper.template.json\n" +
			"  trailkeeper simulate --html attacks.html\n" +
			"  trailkeeper simulate --listen 127.0.0.1:4566 --mode recreate --delay 0",
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.scenarios, "scenario", nil,
		"play only the scenario `NAME`, in which * stands for anything; may be repeated")
	flags.StringArrayVar(&f.events, "event", nil,
		"play the events or records in `FILE`, read as replay does (- is standard input)")
	flags.StringVar(&f.template, "template", "", "deploy the synthesized template in `FILE`, not the built-in one")
	flags.StringVar(&f.mode, "mode", "",
		"deploy the built-in template of `MODE`: notify, restart, restore or recreate")
	flags.StringVar(&f.settings, "settings", "",
		"deploy what CDK makes of the settings in `FILE`; in the checkout, with Go and Node")
	flags.DurationVar(&f.delay, "delay", usualDelay, "with --listen: `TIME` by which lookup-events is behind")
	flags.StringVar(&f.html, "html", "",
		"also write the run as one page to `FILE` (- is standard output, and the text goes to stderr)")
	flags.StringVar(&f.listen, "listen", "", "serve on the loopback `ADDRESS` until interrupted")
	flags.StringVar(&f.color, "color", "auto", "colour the output: `WHEN` is auto, always or never")
	flags.BoolVar(&f.list, "list", false, "list the scenarios and play none")
	flags.BoolVar(&f.verbose, "verbose", false, "print every scenario whole, and not only what failed")
	flags.BoolVar(&f.messages, "messages", false, "print every message whole, as Slack and e-mail show it")
	flags.BoolVar(&f.json, "json", false, "print one JSON object for each scenario, with whole messages")
	for _, other := range []string{"scenario", "event", "json", "html", "list", "verbose", "messages"} {
		cmd.MarkFlagsMutuallyExclusive("listen", other)
	}
	for _, other := range []string{"verbose", "messages", "list"} {
		cmd.MarkFlagsMutuallyExclusive("json", other)
	}
	cmd.MarkFlagsMutuallyExclusive("scenario", "event")
	cmd.MarkFlagsMutuallyExclusive("list", "event")
	cmd.MarkFlagsMutuallyExclusive("list", "html")
	cmd.MarkFlagsMutuallyExclusive("template", "mode", "settings")
	cli.Complete(cmd, "scenario", scenarios.Names)
	cli.Complete(cmd, "mode", func() []string { return cli.Strings(config.Modes()) })
	cli.Complete(cmd, "color", func() []string { return cli.ColorModes })
	return cmd
}

func (f *options) run(cmd *cobra.Command) error {
	for _, name := range []string{"template", "mode", "settings", "event", "listen", "scenario", "html"} {
		if f.empty(cmd, name) {
			return cli.Usage("--" + name + " is empty: give it a value or leave it out")
		}
	}
	if err := cli.Check(
		cli.BadColor(f.color),
		cli.Unless((f.listen != "" || !cmd.Flags().Changed("delay")) && f.delay >= 0,
			"--delay needs --listen, and a time such as 0, 30s or 5m"),
		f.badPage(),
	); err != nil {
		return err
	}
	chosen, err := scenarios.Match(f.scenarios...)
	if err != nil {
		return cli.Usage(strings.ReplaceAll(err.Error(), "\n", "; ") + " (--list shows all)")
	}
	out := cmd.OutOrStdout()
	if f.list {
		return list(out, chosen, cli.TerminalOf(out, f.color, os.Getenv))
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	template, err := f.deployed(ctx, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	switch {
	case f.listen != "":
		if err := listen.CheckAddress(f.listen); err != nil {
			return cli.Usage(err.Error())
		}
		return listen.Listen(ctx, out, listen.Options{Template: template, Address: f.listen, Delay: f.delay})
	case len(f.events) > 0:
		return f.playEvents(ctx, cmd, template)
	}
	return f.play(ctx, f.shower(cmd, "scenario", len(chosen)), chosen, template)
}

// badPage says what is wrong with the place of the page, before anything is played.
func (f *options) badPage() string {
	switch f.html {
	case "":
		return ""
	case "-":
		return cli.Unless(!f.json, "--json and --html - both want standard output; give --html a file")
	}
	if err := cli.CheckFile(f.html); err != nil {
		return "--html: " + err.Error()
	}
	return ""
}

// play plays scenarios, each on a deployment of its own, until all are played or somebody interrupts it.
func (f *options) play(ctx context.Context, to shower, chosen []scenarios.Scenario, template []byte) error {
	intro := fmt.Sprintf("Trailkeeper is attacked on this machine: %s in virtual time, each on a fresh deployment of %s, "+
		"with the functions' real code. It needs no AWS account and no network.",
		cli.Count(len(chosen), "scenario", "scenarios"), f.what())
	if err := to.open(intro); err != nil {
		return err
	}
	var notes []string
	for _, s := range chosen {
		if err := to.playing(s.Name); err != nil {
			return err
		}
		r, err := f.playOne(ctx, s, template)
		if ctx.Err() != nil {
			return to.close(true, notes...)
		}
		if !r.Held() && unmeant(f, s, template) {
			notes = append(notes, "M"+restoresNothing[1:]+", so checks of "+s.Name+" fail.")
		}
		if err == nil {
			err = to.show(r)
		}
		if err != nil {
			return err
		}
	}
	return to.close(false, notes...)
}

// restoresNothing is why a scenario that wants a restart is not played in mode notify.
const restoresNothing = "mode notify restores nothing"

// playOne plays a scenario, unless the mode that was chosen is not meant for it and nobody asked for it by its name.
func (f *options) playOne(ctx context.Context, s scenarios.Scenario, template []byte) (result.Result, error) {
	if unmeant(f, s, template) && !slices.Contains(f.scenarios, s.Name) {
		return result.Result{
			Name:      s.Name,
			Title:     s.Title,
			Group:     s.Group,
			NotPlayed: restoresNothing,
		}, nil
	}
	return simulate.Play(ctx, f.templateFor(s, template), s)
}

// unmeant reports whether a scenario wants a restart, and --mode or --settings chose a mode without one. A template
// that was given is played as it is: its mode may be what is wrong with it.
func unmeant(f *options, s scenarios.Scenario, template []byte) bool {
	return f.template == "" && check.WantRestart(s.Checks) && bytes.Contains(template, inMode(config.ModeNotify))
}

// what names the template that is deployed.
func (f *options) what() string {
	switch {
	case f.settings != "":
		return "what CDK makes of " + f.settings
	case f.mode != "":
		return "the built-in template of mode " + f.mode
	}
	return cmp.Or(f.template, "the built-in template of the mode that each is about")
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

// shower shows a run in one form.
type shower struct {
	open, playing func(string) error
	show          func(result.Result) error
	// close ends the output, with notes. Its error says how the command ends.
	close func(interrupted bool, notes ...string) error
}

// shower is the form that the flags ask for. What is the singular of what is played.
func (f *options) shower(cmd *cobra.Command, what string, total int) shower {
	out := cmd.OutOrStdout()
	if f.json {
		return f.ending(out, jsonForm(out, cmd.ErrOrStderr(), what, total))
	}
	if f.html == "-" {
		out = cmd.ErrOrStderr()
	}
	terminal := cli.TerminalOf(out, f.color, os.Getenv)
	command := ""
	if what == "scenario" {
		command = invocation(os.Args[0]) + " simulate"
		for flag, value := range map[string]string{"template": f.template, "mode": f.mode, "settings": f.settings} {
			if value != "" { // of the three one at most is given
				command += " --" + flag + " " + quote(value)
			}
		}
	}
	screen := render.NewScreen(out, render.Options{
		Width:    terminal.Width,
		Color:    terminal.Color,
		Live:     terminal.Live,
		Verbose:  f.verbose || what == "event",
		Messages: f.messages,
		What:     what,
		Total:    total,
		Command:  command,
	})
	return f.ending(cmd.OutOrStdout(), form{screen.Open, screen.Playing, screen.Show, screen.Close})
}

// form is a shower whose end takes a note, and does not say how the command ends.
type form struct {
	open, playing func(string) error
	show          func(result.Result) error
	close         func(interrupted bool, note string) error
}

// jsonForm writes the results to out as JSON, and all else that is to be said to errs.
func jsonForm(out, errs io.Writer, what string, total int) form {
	nothing := func(string) error { return nil }
	played := 0
	show := func(r result.Result) error {
		if r.NotPlayed == "" {
			played++
		}
		return render.WriteJSON(out, r)
	}
	end := func(interrupted bool, note string) error {
		if interrupted {
			said := render.Count(played, what)
			if total > 0 {
				said = fmt.Sprintf("%d of %s", played, render.Count(total, what))
			}
			fmt.Fprintln(errs, "trailkeeper: interrupted: "+said+" played")
		}
		if note != "" {
			fmt.Fprintln(errs, "trailkeeper: "+note)
		}
		return nil
	}
	return form{nothing, nothing, show, end}
}

// ending has a form end as the flags ask for: with the page, the form's own end, and the command's result.
func (f *options) ending(out io.Writer, to form) shower {
	var results []result.Result
	show := func(r result.Result) error {
		results = append(results, r)
		return to.show(r)
	}
	end := func(interrupted bool, notes ...string) error {
		page, unwritten := f.writePage(out, results)
		if err := to.close(interrupted, strings.TrimSpace(strings.Join(append(notes, page), " "))); err != nil {
			return fmt.Errorf("write the summary: %w", err)
		}
		switch {
		case unwritten != nil:
			return cli.Failed("the page: " + unwritten.Error())
		case interrupted:
			return cli.Interrupted()
		case slices.ContainsFunc(results, func(r result.Result) bool { return !r.Held() }):
			return cli.Failed("") // all is said
		}
		return nil
	}
	return shower{to.open, to.playing, show, end}
}

// writePage writes what was played as one page, where one is wanted, and says where it is.
func (f *options) writePage(out io.Writer, results []result.Result) (note string, err error) {
	switch {
	case f.html == "":
		return "", nil
	case len(results) == 0:
		return "Nothing was played, and no page was written.", nil
	}
	var content bytes.Buffer
	if err := page.Write(&content, results); err != nil {
		return "", err
	}
	if f.html == "-" {
		_, err := out.Write(content.Bytes())
		return "", err
	}
	if err := cli.WriteFile(f.html, content.Bytes()); err != nil {
		return "", err
	}
	return "The page is " + f.html + ": open it in a browser.", nil
}

// invocation is how the operator's command was called: as README.md has it, which leads to a program in the go
// command's own folder, or by its name.
func invocation(program string) string {
	if strings.Contains(program, string(filepath.Separator)+"go-build") && filepath.Ext(program) != ".test" {
		return "go run ./lambda/trailkeeper"
	}
	return "trailkeeper"
}

// quote is a word as a shell takes it.
func quote(word string) string {
	if cli.IsName(word, len(word), "/._-") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
