package message

import (
	"net/url"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// EventLink is the address of the event in the console's event history, which has it some minutes after the call. It is
// "" where the event's ID, Region or partition is missing or not known.
func EventLink(n finding.Finding) string {
	if n.EventID == "" || n.EventName == "" || n.Unlisted {
		return ""
	}
	return console(n.Partition, n.Region, "events?EventId="+url.QueryEscape(n.EventID))
}

// RunbookKey is what kind of message it is, by which the runbook is ordered: the outcome, or the finding where nothing
// was to be put back.
func RunbookKey(n finding.Finding) string {
	switch n.Kind {
	case "", finding.KindNotLogging, finding.KindWeakened, finding.KindMissing:
		return string(n.Outcome)
	}
	return string(n.Kind)
}

// RunbookLink is the address of the runbook's section for this kind of message, or "" where the settings name no
// runbook.
func RunbookLink(n finding.Finding) string {
	u, err := url.Parse(n.Runbook)
	if err != nil || u.Scheme != "https" || u.Host == "" || len(n.Runbook) > maxPage {
		return ""
	}
	u.Fragment = "runbook-" + strings.ReplaceAll(sanitize.Bound(RunbookKey(n), maxCall), "_", "-")
	return u.String()
}

// console builds an address in the CloudTrail console. The Region becomes part of the host's name, so it must look like
// one.
func console(partition, region, page string) string {
	domain := ""
	switch partition {
	case "aws":
		domain = "console.aws.amazon.com"
	case "aws-us-gov":
		domain = "console.amazonaws-us-gov.com"
	case "aws-cn":
		domain = "console.amazonaws.cn"
	}
	if domain == "" || !isRegion(region) || len(page) > maxPage {
		return ""
	}
	return "https://" + region + "." + domain + "/cloudtrail/home?region=" + region + "#/" + page
}

// maxPage bounds the end of a link: an ARN of a trail and an event ID are far shorter.
const maxPage = 300

func isRegion(s string) bool {
	if len(s) < 5 || len(s) > 32 || strings.Trim(s, "-") != s {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// linksOf are what a message ends with: the addresses of the subject, of the event, and of the runbook's section. Where
// nobody has said at which address the runbook is, its section is named.
func linksOf(f finding.Finding) []Link {
	links := slices.DeleteFunc([]Link{
		{"Trail in the console", TrailLink(f)},
		{"Event in the event history", EventLink(f)},
	}, func(l Link) bool { return l.URL == "" })
	links = append(links, ruleLinks(f)...)
	if page := RunbookLink(f); page != "" {
		return append(links, Link{"Runbook", page})
	}
	section := "Runbook: lambda README" // no file's name, which mail programs take for an address
	if key := sanitize.Bound(RunbookKey(f), maxCall); key != "" {
		section += ", section " + key
	}
	return append(links, Link{section, ""})
}

// maxRuleLink bounds what a rule refers to, in runes.
const maxRuleLink = 200

// ruleLinks are what a rule refers to: its own runbook, and techniques and pages. What is no address is named.
func ruleLinks(f finding.Finding) []Link {
	if f.Rule == nil {
		return nil
	}
	var links []Link
	if page := sanitize.Bound(f.Rule.Runbook, maxRuleLink); isPage(page) {
		links = append(links, Link{"Runbook of the rule", page})
	} else if page != "" {
		links = append(links, Link{"Runbook of the rule: " + page, ""})
	}
	for _, reference := range f.Rule.References {
		switch to := sanitize.Bound(reference, maxRuleLink); {
		case isTechnique(to):
			page := "https://attack.mitre.org/techniques/" + strings.ReplaceAll(to, ".", "/")
			links = append(links, Link{"ATT&CK " + to, page})
		case isPage(to):
			u, _ := url.Parse(to)
			links = append(links, Link{"Reference: " + u.Host, to})
		case to != "":
			links = append(links, Link{"Reference: " + to, ""})
		}
	}
	return links
}

// isPage reports whether a text is the address of a page, whole, with nothing that a link would hide.
func isPage(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && !strings.ContainsAny(s, "|<>\"` …")
}

// isTechnique reports whether a text is a technique of MITRE ATT&CK, such as T1562 or T1562.008.
func isTechnique(s string) bool {
	number, sub, isSub := strings.Cut(strings.TrimPrefix(s, "T"), ".")
	digits := func(s string, n int) bool { return len(s) == n && strings.Trim(s, "0123456789") == "" }
	return strings.HasPrefix(s, "T") && digits(number, 4) && (!isSub || digits(sub, 3))
}
