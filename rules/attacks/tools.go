package attacks

// Tool is a technique of a public attack tool.
type Tool struct {
	Tool, Name string
	Rows       []string // the techniques of the catalogue that it is made of
}

// Tools are what Pacu (module detection__disruption, "dis", "del" and "m" of a trail, "del" of an alarm) and Stratus Red
// Team (by its techniques' IDs) do to CloudTrail, its log bucket, alarms, the targets of EventBridge's rules, and an
// account's place in its organization. Neither changes a rule of EventBridge.
func Tools() []Tool {
	const pacu, stratus = "Pacu", "Stratus Red Team"
	return []Tool{
		{pacu, "detection__disruption: disable a trail", []string{"A1"}},
		{pacu, "detection__disruption: delete a trail", []string{"A2"}},
		{pacu, "detection__disruption: minimize a trail", []string{"A3", "A4", "A6", "A7", "A8", "A9"}},
		{pacu, "detection__disruption: delete or disable an alarm", []string{"E5"}},
		{stratus, "aws.defense-evasion.cloudtrail-stop", []string{"A1"}},
		{stratus, "aws.defense-evasion.cloudtrail-delete", []string{"A2"}},
		{stratus, "aws.defense-evasion.cloudtrail-event-selectors", []string{"A11"}},
		{stratus, "aws.defense-evasion.cloudtrail-lifecycle-rule", []string{"C1"}},
		{stratus, "aws.defense-evasion.organizations-leave", []string{"J4"}},
		{stratus, "aws.impact.s3-ransomware-batch-deletion", []string{"C4"}},
		{stratus, "aws.impact.s3-ransomware-client-side-encryption", []string{"C4"}},
		{stratus, "aws.impact.s3-ransomware-individual-deletion", []string{"C4"}},
		{stratus, "aws.persistence.lambda-backdoor-function", []string{"G5"}},
		{stratus, "aws.persistence.lambda-layer-extension", []string{"G2"}},
		{stratus, "aws.persistence.lambda-overwrite-code", []string{"G1"}},
	}
}
