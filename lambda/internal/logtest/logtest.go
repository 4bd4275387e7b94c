// Package logtest makes records as CloudTrail writes them, as many as tests and benchmarks want: of the calls that most
// of a trail consists of and a few that built-in rules match, by callers of every kind. The same number gives the same
// record.
//
// The records are made, not recorded: their shapes are CloudTrail's, their shares and values are not those of any
// account. Nothing outside of tests may import it.
package logtest

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed records.txt
var source string

// Start is the eventTime of record 0. Each further one is a second later.
var Start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// shapes are the lines of records.txt, each as often as it is in a thousand, and cut where something is drawn.
var shapes = sync.OnceValue(func() [][]string {
	var all [][]string
	for line := range strings.Lines(source) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		share, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.Atoi(share)
		if err != nil {
			panic(err) // the file is part of the program
		}
		parts := strings.FieldsFunc(text, func(c rune) bool { return c == '<' || c == '>' })
		for range n {
			all = append(all, parts)
		}
	}
	return all
})

// Append appends record n to b, with nothing behind it.
func Append(b []byte, n int) []byte {
	d := draw{rand.New(rand.NewPCG(uint64(n), 1)), n}
	all := shapes()
	for i, part := range all[d.IntN(len(all))] {
		if i%2 == 0 {
			b = append(b, part...)
		} else {
			b = d.value(b, part)
		}
	}
	return b
}

// AppendFile appends a log file of the records from first on to b.
func AppendFile(b []byte, first, records int) []byte {
	b = append(b, `{"Records":[`...)
	for n := range records {
		if n > 0 {
			b = append(b, ',')
		}
		b = Append(b, first+n)
	}
	return append(b, `]}`...)
}

// Key is the key below its bucket of a log file that begins with record first, as CloudTrail names it.
func Key(first int) string {
	at := Start.Add(time.Duration(first) * time.Second)
	return fmt.Sprintf("AWSLogs/111122223333/CloudTrail/eu-west-1/%s/111122223333_CloudTrail_eu-west-1_%s_%016x.json.gz",
		at.Format("2006/01/02"), at.Format("20060102T1504Z"), first)
}

// draw draws what a record has of its own.
type draw struct {
	*rand.Rand
	n int
}

func (d draw) value(b []byte, what string) []byte {
	switch what {
	case "time":
		return Start.Add(time.Duration(d.n)*time.Second).AppendFormat(b, time.RFC3339)
	case "uuid":
		for i, length := range [...]int{8, 4, 4, 4, 12} {
			if i > 0 {
				b = append(b, '-')
			}
			b = d.letters(b, "0123456789abcdef", length)
		}
		return b
	case "key":
		return d.letters(append(b, "ASIA"...), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)
	case "address":
		return fmt.Appendf(b, "198.51.100.%d", d.IntN(20))
	case "agent":
		return append(b, agents[d.IntN(len(agents))]...)
	case "caller":
		return d.caller(b)
	}
	name := strings.TrimRight(what, "0123456789")
	length, err := strconv.Atoi(what[len(name):])
	if err != nil {
		panic(fmt.Sprintf("records.txt: %q", what))
	}
	if name == "digits" {
		return d.letters(d.letters(b, "123456789", 1), "0123456789", length-1)
	}
	return d.letters(b, "0123456789abcdef", length)
}

func (d draw) letters(b []byte, of string, n int) []byte {
	for range n {
		b = append(b, of[d.IntN(len(of))])
	}
	return b
}

// caller appends a userIdentity: of roles most, of which some have many sessions.
func (d draw) caller(b []byte) []byte {
	n := d.IntN(100)
	switch {
	case n < 10:
		return fmt.Appendf(b, `{"type":"IAMUser","principalId":"AIDAEXAMPLE%05d","arn":"arn:aws:iam::111122223333:user/ci-%d",`+
			`"accountId":"111122223333","accessKeyId":"AKIAEXAMPLE%05d","userName":"ci-%d"}`, n, n, n, n)
	case n == 10:
		return append(b, `{"type":"AWSAccount","principalId":"AROAEXAMPLE:audit","accountId":"444455556666"}`...)
	}
	role := d.IntN(24)
	session := fmt.Sprintf("i-0%016x", uint64(role)*0x9e3779b97f4a7c15>>4)
	key := fmt.Sprintf("ASIAEXAMPLE%05d", d.IntN(3)*100+role)
	if n < 16 { // one that is seen once
		session, key = string(d.letters(nil, "0123456789", 19)), string(d.value(nil, "key"))
	}
	return fmt.Appendf(b, `{"type":"AssumedRole","principalId":"AROAEXAMPLE%05[1]d:%[2]s",`+
		`"arn":"arn:aws:sts::111122223333:assumed-role/app-%[1]d/%[2]s","accountId":"111122223333","accessKeyId":"%[3]s",`+
		`"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE%05[1]d",`+
		`"arn":"arn:aws:iam::111122223333:role/app-%[1]d","accountId":"111122223333","userName":"app-%[1]d"},`+
		`"attributes":{"creationDate":"%[4]s","mfaAuthenticated":"false"}}}`,
		role, session, key, Start.Add(time.Duration(d.n/3600)*time.Hour).Format(time.RFC3339))
}

var agents = [...]string{
	"aws-sdk-go-v2/1.30.3 os/linux lang/go#1.24 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.173.0",
	"Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#5.10.219 md/arch#x86_64 lang/python#3.12.4 md/pyimpl#CPython",
	"aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.8 md/prompt#off",
	"APN/1.0 HashiCorp/1.0 Terraform/1.9.2 (+https://www.terraform.io) terraform-provider-aws/5.58.0",
	"aws-sdk-java/2.26.20 Linux/5.10.219 OpenJDK_64-Bit_Server_VM/21.0.3+9 Java/21.0.3 vendor/Amazon.com_Inc.",
	"aws-sdk-js/3.600.0 ua/2.1 os/linux#5.10.219 lang/js md/nodejs#20.14.0 api/ssm#3.600.0 exec-env/AWS_Lambda",
	"Botocore/1.31.64 md/Botocore#1.31.64 md/awscrt#0.16.26 ua/2.0 os/windows#10 md/arch#amd64",
}
