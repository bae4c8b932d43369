package org.processpool.chat;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.AxeResults;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.processpool.fault.RunningService;

/**
 * The chat page in a real browser, against the packaged service: what people see and do. Pictures
 * of it are left in {@code target/pictures}. Needs Debian's chromium, and is skipped without.
 */
@Timeout(600)
class ChatPageIT {

    private static final List<Path> BROWSERS =
            List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"));
    private static final Path PICTURES = Path.of("target/pictures");
    private static final Pattern PID = Pattern.compile("worker (\\d+)");
    private static final Pattern TALKING = Pattern.compile("Talking with worker \\d+.*");
    private static final double PATIENCE = 60_000;

    @TempDir private static Path directory;

    private static int port;
    private static RunningService service;
    private static Playwright playwright;
    private static Browser browser;

    private final List<BrowserContext> contexts = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        Optional<Path> chromium = BROWSERS.stream().filter(Files::isExecutable).findFirst();
        assumeTrue(chromium.isPresent(), "no chromium here");
        port = RunningService.freePort();
        service = startService();
        playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser =
                playwright
                        .chromium()
                        .launch(
                                new BrowserType.LaunchOptions()
                                        .setExecutablePath(chromium.get())
                                        .setArgs(
                                                List.of(
                                                        "--no-sandbox",
                                                        "--disable-gpu",
                                                        "--disable-quic",
                                                        "--no-first-run",
                                                        "--disable-background-networking",
                                                        "--disable-component-update",
                                                        "--disable-sync")));
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE);
        Files.createDirectories(PICTURES);
    }

    private static RunningService startService() throws Exception {
        return RunningService.start(
                directory,
                port,
                Map.of(
                        "process-pool.pools.default.processes", "1",
                        "process-pool.pools.default.min-processes", "0",
                        "process-pool.pools.chat.processes", "5",
                        "process-pool.chat.jshell", "true",
                        "process-pool.chat.turn-timeout", "60s"));
    }

    @AfterAll
    static void stop() {
        if (playwright != null) {
            playwright.close();
        }
        if (service != null) {
            service.kill();
        }
    }

    @AfterEach
    void everybody_leaves() {
        for (BrowserContext context : contexts) {
            for (Page page : context.pages()) {
                Locator leave = page.getByTestId("leave");
                if (leave.isVisible()) {
                    leave.click();
                }
            }
            context.close();
        }
        assertThat(complaints).as("what the browser complained of").isEmpty();
    }

    private Browser.NewContextOptions options() {
        return new Browser.NewContextOptions().setViewportSize(1280, 800).setLocale("en-GB");
    }

    private Page open() {
        return open(options());
    }

    private Page open(Browser.NewContextOptions options) {
        return open(options, port);
    }

    private Page open(Browser.NewContextOptions options, int at) {
        BrowserContext context = browser.newContext(options);
        contexts.add(context);
        Page page = context.newPage();
        page.onPageError(complaints::add);
        page.onConsoleMessage(message -> {
            boolean lostConnection = message.text().contains("WebSocket connection to");
            boolean expected = lostConnection || message.text().contains("status of 401");
            boolean lostRequest = message.text().contains("net::ERR_CONNECTION_REFUSED");
            if (message.type().equals("error") && !expected && !lostRequest) {
                complaints.add(message.text());
            }
        });
        page.navigate("http://127.0.0.1:%d/chat.html".formatted(at));
        return page;
    }

    private static Locator state(Page page) {
        return page.getByTestId("state");
    }

    private static void awaitWorker(Page page) {
        assertThat(state(page)).containsText(TALKING);
    }

    private static long pid(Page page) {
        Matcher found = PID.matcher(state(page).textContent());
        assertThat(found.find()).isTrue();
        return Long.parseLong(found.group(1));
    }

    private static void call(Page page, String nick) {
        page.getByTestId("nick").fill(nick);
        page.getByTestId("nick-save").click();
        assertThat(page.getByTestId("members")).containsText(nick);
    }

    private static void say(Page page, String text) {
        page.getByTestId("composer").fill(text);
        page.getByTestId("composer").press("Enter");
    }

    private static Locator said(Page page, String text) {
        return page.getByTestId("messages").getByText(text);
    }

    private static void picture(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")));
    }

    private static void findsNothing(Page page, String where) {
        AxeResults found =
                new AxeBuilder(page)
                        .withTags(
                                List.of(
                                        "wcag2a",
                                        "wcag2aa",
                                        "wcag21a",
                                        "wcag21aa",
                                        "wcag22aa",
                                        "best-practice"))
                        .analyze();
        assertThat(found.getViolations().stream().map(rule -> rule.getId() + rule.getNodes()))
                .as("violations " + where)
                .isEmpty();
    }

    private static boolean scrollsSideways(Page page) {
        return (Boolean)
                page.evaluate(
                        "document.documentElement.scrollWidth"
                                + " > document.documentElement.clientWidth");
    }

    @Test
    void the_sixth_of_six_people_waits_and_is_served_when_one_leaves() {
        List<Page> five =
                Stream.of("Ada", "Barbara", "Grace", "Hedy", "Katherine")
                        .map(nick -> {
                            Page page = open();
                            awaitWorker(page);
                            call(page, nick);
                            return page;
                        })
                        .toList();
        assertThat(five.stream().map(ChatPageIT::pid).distinct()).hasSize(5);
        Page sixth = open();
        assertThat(state(sixth)).containsText("You are 1st in line");
        assertThat(state(sixth)).containsText("5 of 5 workers busy");
        picture(sixth, "chat-waiting");
        findsNothing(sixth, "while waiting");
        say(five.get(0), "Is everybody here?");
        say(five.get(1), "I am, with a worker of my own.");
        say(five.get(2), "Me too: https://example.org/");
        five.forEach(page -> assertThat(said(page, "Me too")).isVisible());
        assertThat(said(sixth, "Me too")).isVisible();
        picture(five.get(0), "chat");
        findsNothing(five.get(0), "while talking");
        five.get(4).getByTestId("leave").click();
        assertThat(five.get(4).getByTestId("ended")).containsText("You have left");
        awaitWorker(sixth);
        say(sixth, "My turn at last");
        assertThat(said(five.get(3), "My turn at last")).isVisible();
        five.get(4).getByTestId("rejoin").click();
        assertThat(state(five.get(4))).containsText("You are 1st in line");
    }

    @Test
    void a_killed_worker_is_told_of_and_another_one_takes_over() {
        Page page = open();
        awaitWorker(page);
        say(page, "before");
        assertThat(said(page, "before")).isVisible();
        long pid = pid(page);
        assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
        assertThat(page.getByTestId("interrupted"))
                .containsText("The worker %d died".formatted(pid));
        assertThat(state(page))
                .not()
                .containsText("worker " + pid, new LocatorAssertions.ContainsTextOptions());
        awaitWorker(page);
        assertThat(pid(page)).isNotEqualTo(pid);
        say(page, "after");
        assertThat(said(page, "after")).isVisible();
        findsNothing(page, "after an interruption");
        picture(page, "chat-interrupted");
    }

    @Test
    void the_page_connects_again_when_the_service_was_restarted() throws Exception {
        Page page = open();
        awaitWorker(page);
        call(page, "Margaret");
        say(page, "said before the restart");
        assertThat(said(page, "said before the restart")).isVisible();
        page.getByTestId("composer").fill("a draft that must not be lost");
        service.kill();
        assertThat(state(page)).containsText("Connection lost");
        picture(page, "chat-lost");
        findsNothing(page, "while the connection is lost");
        service = startService();
        awaitWorker(page);
        assertThat(page.getByTestId("members")).containsText("Margaret");
        assertThat(page.getByTestId("composer")).hasValue("a draft that must not be lost");
        say(page, "said after the restart");
        assertThat(said(page, "said after the restart")).isVisible();
    }

    @Test
    void a_reload_goes_on_with_the_same_worker() {
        Page page = open();
        awaitWorker(page);
        say(page, "said once");
        assertThat(said(page, "said once")).isVisible();
        long pid = pid(page);
        page.reload();
        awaitWorker(page);
        assertThat(pid(page)).isEqualTo(pid);
        assertThat(said(page, "said once")).hasCount(1);
    }

    @Test
    void enter_does_not_send_while_chinese_is_being_composed() {
        Page page = open();
        awaitWorker(page);
        Locator composer = page.getByTestId("composer");
        composer.focus();
        CDPSession devTools = page.context().newCDPSession(page);
        JsonObject composition = new JsonObject();
        composition.addProperty("text", "nihao");
        composition.addProperty("selectionStart", 5);
        composition.addProperty("selectionEnd", 5);
        devTools.send("Input.imeSetComposition", composition);
        assertThat(composer).hasValue("nihao");
        // as an input method sends it: the key that ends the composition has the code 229
        page.evaluate(
                "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
                        + " {key: 'Enter', keyCode: 229, isComposing: true, bubbles: true,"
                        + " cancelable: true}))");
        assertThat(composer).hasValue("nihao");
        JsonObject chosen = new JsonObject();
        chosen.addProperty("text", "你好");
        devTools.send("Input.insertText", chosen);
        assertThat(composer).hasValue("你好");
        assertThat(said(page, "你好")).hasCount(0);
        // the first may come so soon that it could be the key that ended the composition
        await().until(() -> {
            composer.press("Enter");
            return said(page, "你好").isVisible();
        });
        assertThat(composer).hasValue("");
    }

    @Test
    void java_runs_in_a_worker_whose_end_harms_nobody_else() {
        Page other = open();
        awaitWorker(other);
        long othersPid = pid(other);
        Page page = open();
        awaitWorker(page);
        page.getByTestId("conversation").selectOption("jshell");
        assertThat(page.getByTestId("conversation")).hasValue("jshell");
        awaitWorker(page);
        say(page, "int x = 6 * 7");
        assertThat(said(page, "x ==> 42")).isVisible();
        say(page, "System.exit(3)");
        assertThat(page.getByTestId("interrupted")).isVisible();
        awaitWorker(page);
        say(page, "x + 1");
        assertThat(said(page, "==> 43")).isVisible(); // what was said before was said again
        picture(page, "chat-jshell");
        findsNothing(page, "in a conversation with answers");
        assertThat(pid(other)).isEqualTo(othersPid);
        say(other, "still here");
        assertThat(said(other, "still here")).isVisible();
    }

    @Test
    void fits_a_phone_in_chinese_and_in_the_dark() {
        Page page =
                open(
                        new Browser.NewContextOptions()
                                .setViewportSize(390, 844)
                                .setDeviceScaleFactor(2)
                                .setHasTouch(true)
                                .setIsMobile(true)
                                .setLocale("zh-CN")
                                .setColorScheme(ColorScheme.DARK));
        assertThat(page.locator("html")).hasAttribute("lang", Pattern.compile("zh.*"));
        assertThat(state(page)).containsText(Pattern.compile("\\d{2,}"));
        say(page, "大家好！这条消息经过我自己的工作进程。");
        assertThat(said(page, "大家好")).isVisible();
        assertThat(scrollsSideways(page)).isFalse();
        picture(page, "chat-phone");
        findsNothing(page, "on a phone, in Chinese, in the dark");
        page.getByTestId("members-button").click();
        assertThat(page.getByTestId("members")).isVisible();
        findsNothing(page, "with the list of members open");
        page.getByTestId("sheet-close").click();
        page.setViewportSize(320, 568);
        assertThat(scrollsSideways(page)).isFalse();
        picture(page, "chat-320");
    }

    @Test
    void asks_for_a_token_where_the_service_does_and_keeps_it_out_of_sight() throws Exception {
        int at = RunningService.freePort();
        Path own = Files.createDirectory(directory.resolve("guarded"));
        Path tokens =
                Files.write(
                        own.resolve("tokens"),
                        List.of(
                                "ada:submit:" + sha256("ada-token"),
                                "grace:read:" + sha256("grace-token")));
        try (RunningService _ =
                RunningService.start(
                        own,
                        at,
                        Map.of(
                                "process-pool.pools.default.min-processes", "0",
                                "process-pool.pools.chat.processes", "2",
                                "process-pool.security.tokens-file", tokens.toString()))) {
            Page page = open(options(), at);
            Locator token =
                    page.getByLabel("Access token", new Page.GetByLabelOptions().setExact(true));
            assertThat(token).isVisible();
            picture(page, "chat-sign-in");
            findsNothing(page, "while signing in");
            token.fill("a-guess");
            token.press("Enter");
            assertThat(page.getByTestId("token-problem")).containsText("does not know this token");
            token.fill("grace-token");
            token.press("Enter");
            assertThat(page.getByTestId("no-entry")).isVisible();
            page.getByTestId("other-token").click();
            token.fill("ada-token");
            page.getByTestId("sign-in-button").click();
            awaitWorker(page);
            assertThat(page.getByTestId("person")).containsText("ada");
            say(page, "let in by a ticket");
            assertThat(said(page, "let in by a ticket")).isVisible();
            picture(page, "chat-signed-in");
            findsNothing(page, "when signed in");
            assertThat(page.url()).doesNotContain("token");
            assertThat((String) page.evaluate("JSON.stringify(localStorage) + document.cookie"))
                    .doesNotContain("ada-token");
            page.reload();
            awaitWorker(page);
            assertThat(said(page, "let in by a ticket")).hasCount(1);
            page.getByTestId("sign-out").click();
            assertThat(token).isVisible();
            assertThat((String) page.evaluate("JSON.stringify(sessionStorage)"))
                    .doesNotContain("ada-token");
        }
    }

    private static String sha256(String text) throws NoSuchAlgorithmException {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    }

    @Test
    void scripts_and_markup_in_messages_are_only_text() {
        Page page = open();
        awaitWorker(page);
        String evil = "<img src=x onerror=\"document.title='owned'\"><script>alert(1)</script>";
        say(page, evil);
        assertThat(said(page, evil)).isVisible();
        assertThat(page.title()).doesNotContain("owned");
        assertThat(page.getByTestId("messages").locator("img, script")).hasCount(0);
    }
}
