namespace SpasmStream.Tests.Decoding;

/// <summary>
/// Examples with one thing wrong each: what the schema of a kind must reject and the decoder must refuse.
/// </summary>
static class Mutations
{
    const string T = "\"t\":1773003600000";
    const string T0 = "\"t0\":1773003600000";

    /// <summary>The members of an object beside the version, by kind.</summary>
    public static IReadOnlyDictionary<string, string[]> ByKind { get; } = new Dictionary<string, string[]>
    {
        ["heart-rate"] =
        [
            T, "\"bpm\":61", $"{T},\"bpm\":\"61\"", $"{T},\"bpm\":401", $"{T},\"bpm\":-5", $"{T},\"bpm\":9.9",
            "\"t\":\"2026-03-08T21:00:00\",\"bpm\":61", "\"t\":\"2026-02-30\",\"bpm\":61",
            "\"t\":1773003600,\"bpm\":61", $"{T},\"bpm\":61,\"stat\":\"median\",\"dur\":1000",
            $"{T},\"bpm\":61,\"stat\":\"mean\"", $"{T},\"bpm\":61,\"q\":1.5", $"{T},\"bpm\":61,\"rev\":-1",
            $"{T},\"bpm\":61,\"id\":\"\"", $"{T},\"bpm\":61,\"op\":\"drop\"",
            $"{T},\"bpm\":61,\"flags\":\"moving\"",
            $"{T},\"bpm\":61,\"src\":\"a\\tb\"", $"{T},\"bpm\":61,\"op\":\"delete\"", $"{T},{T0},\"bpm\":61",
            $"{T0},\"bpm\":[61]", $"{T0},\"step\":1,\"dt\":[0],\"bpm\":[61]", $"{T0},\"step\":0,\"bpm\":[61]",
            $"{T0},\"step\":1,\"bpm\":[]", $"{T0},\"step\":1,\"bpm\":[\"61\"]",
            $"{T0},\"dt\":[-1],\"bpm\":[61]",
        ],
        ["steps"] =
        [
            $"{T},\"dur\":60000", $"{T},\"steps\":5", $"{T},\"dur\":0,\"steps\":5",
            $"{T},\"dur\":60000,\"steps\":-1", $"{T},\"dur\":60000,\"steps\":\"5\"",
            $"{T},\"dur\":60000,\"steps\":5,\"stat\":\"mean\"", $"{T},\"dur\":60000,\"steps\":5,\"total\":9",
            $"{T},\"total\":-1", $"{T},\"total\":\"8123\"", $"{T},\"total\":8123,\"since\":\"midnight\"",
            $"{T},\"total\":8123,\"since\":5", $"{T},\"total\":8123,\"dur\":60000",
            $"{T0},\"dt\":[0],\"steps\":[5]", $"{T0},\"steps\":[5]",
        ],
        ["rr"] =
        [
            T, "\"rr\":822", "\"rr\":[822]", $"{T},\"rr\":0", $"{T},\"rr\":5001", $"{T},\"rr\":\"822\"",
            $"{T0},\"rr\":[]", $"{T0},\"rr\":[822,null]", $"{T0},\"rr\":[822],\"anchor\":\"middle\"",
            $"{T},{T0},\"rr\":822", $"{T0},\"rr\":[822],\"dt\":[822.5]", $"{T0},\"rr\":[822],\"dt\":[-822]",
            $"{T0},\"rr\":[822],\"dt\":[822],\"anchor\":\"last\"", $"{T0},\"rr\":822,\"dt\":[822]",
        ],
        ["hrv"] =
        [
            $"{T},\"dur\":300000", $"{T},\"rmssd\":38", "\"dur\":300000,\"rmssd\":38",
            $"{T},\"dur\":300000,\"rmssd\":5000", $"{T},\"dur\":300000,\"sdnn\":-1",
            $"{T},\"dur\":300000,\"rmssd\":\"38\"", $"{T},\"dur\":300000,\"rmssd\":38,\"n\":1.5",
            $"{T},\"dur\":300000,\"n\":341", $"{T},\"dur\":0,\"rmssd\":38",
            $"{T},\"dur\":300000,\"rmssd\":38,\"ctx\":1",
            $"{T},\"dur\":300000,\"rmssd\":38,\"stat\":\"mean\"",
        ],
        ["raw2a37"] =
        [
            T, "\"hex\":\"003D\"", $"{T},\"hex\":\"00 3\"", $"{T},\"hex\":\"zz zz\"", $"{T},\"hex\":7",
            $"{T},\"hex\":\"003D\",\"base64\":\"AD0=\"", $"{T},\"base64\":\"?D0=\"",
            "\"t\":5,\"hex\":\"003D\"",
        ],
        ["activity"] =
        [
            T, "\"dur\":600000", $"{T},\"dur\":0", $"{T},\"dur\":172800001", $"{T},\"dur\":\"600000\"",
            $"{T},\"dur\":600000,\"intensity\":\"hard\"", $"{T},\"dur\":600000,\"met\":-1",
            $"{T},\"dur\":600000,\"bpm\":104", $"{T},\"dur\":600000,\"bpm\":{{\"mean\":900}}",
            $"{T},\"dur\":600000,\"type\":7",
        ],
        ["sleep"] =
        [
            T, "\"dur\":600000", $"{T},\"dur\":0", $"{T},\"dur\":86400001", $"{T},\"dur\":600000,\"main\":1",
            $"{T},\"dur\":600000,\"stages\":[[\"light\",0]]", $"{T},\"dur\":600000,\"stages\":[[5,0,5]]",
            $"{T},\"dur\":600000,\"stages\":[[\"light\",-1,5]]", $"{T},\"dur\":600000,\"in_bed\":{{}}",
            $"{T},\"dur\":600000,\"waso\":-1", $"{T},\"event\":\"snore\"", $"{T},\"event\":\"stage\"",
            "\"event\":\"start\"", $"{T},\"event\":\"stage\",\"stage\":2",
        ],
        ["status"] =
        [
            T, "\"state\":\"asleep\"", "\"state\":1", "\"state\":\"online\",\"battery\":101",
            "\"state\":\"online\",\"battery\":\"64\"", "\"state\":\"online\",\"worn\":1",
            "\"state\":\"online\",\"t\":\"now\"", "\"state\":\"online\",\"op\":\"delete\",\"id\":\"a\"",
        ],
        ["episode"] =
        [
            $"{T},\"type\":\"migraine\"", $"{T},\"id\":\"e\"", "\"id\":\"e\",\"type\":\"migraine\"",
            $"{T},\"id\":\"e\",\"type\":\"headache\"", $"{T},\"id\":\"e\",\"type\":\"aura\",\"sev\":11",
            $"{T},\"id\":\"e\",\"type\":\"aura\",\"onset\":\"sudden\"",
            $"{T},\"id\":\"e\",\"type\":\"aura\",\"onset\":\"day_only\"",
            $"{T},\"id\":\"e\",\"type\":\"spasm\",\"region\":\"arm\"",
            $"{T},\"id\":\"e\",\"type\":\"spasm\",\"penn\":{{\"frequency\":5,\"severity\":1}}",
            $"{T},\"id\":\"e\",\"type\":\"aura\",\"end\":\"evening\"", "\"none\":true",
            "\"none\":true,\"day\":\"8 March\"", $"{T},\"id\":\"\u00e9\",\"type\":\"aura\"",
        ],
        ["trigger"] =
        [
            T, "\"type\":\"food\"", $"{T},\"type\":\"Red Wine\"", $"{T},\"type\":\"food\",\"qty\":-1",
            $"{T},\"type\":\"food\",\"qty\":\"2\"", $"{T},\"type\":\"menses\",\"day\":0",
            $"{T},\"type\":\"food\",\"level\":11", $"{T},\"type\":\"food\",\"label\":\"a\\u0000\"",
        ],
        ["medication"] =
        [
            $"{T},\"id\":\"m\"", $"{T},\"name\":\"x\"", "\"id\":\"m\",\"name\":\"x\"",
            $"{T},\"id\":\"m\",\"name\":\" \"", $"{T},\"id\":\"m\",\"name\":\"x\",\"dose\":-1",
            $"{T},\"id\":\"m\",\"name\":\"x\",\"class\":\"often\"",
            $"{T},\"id\":\"m\",\"name\":\"x\",\"drug\":\"tea\"",
            $"{T},\"id\":\"m\",\"name\":\"x\",\"effect\":11",
        ],
        ["state"] =
        [
            T, "\"stress\":5", $"{T},\"stress\":11", $"{T},\"mood\":-1", $"{T},\"fatigue\":\"7\"",
            $"{T},\"note\":7", $"{T},\"note\":\"a\\u0000\"",
        ],
    };
}
