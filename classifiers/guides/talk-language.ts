/**
 * How people talk to each other, report trouble and announce, by language; written as in `step-language.ts`. These words speak against a
 * guide: they are what discussions, questions, changelogs and news are made of.
 */

/** First person; the English "I" is told from other languages' "i" by its capital. */
export const selfWords = `
  i'm i've i'd i'll im ive my me mine myself i_have i_am i_was i_tried i_got i_think i_use i_used i_just i_can i_don't i_want i_need i_did
  ich mein meine meinen meiner meinem mir mich bei_mir
  je j'ai j'aime mon mes moi
  yo mi mis me he conmigo tengo
  eu meu minha meus minhas tenho
  io mio mia miei ho mi
  ik mijn mij heb
  mnie mój moja moje mam mně můj já jsem mám môj
  я мне меня мной мой моя мои моё моего у_меня
  мені мене мій моя аз ми мой
  ben bana benim bende saya aku gue mình tôi
  jag min mitt mina mig jeg mit mine minä mulla eu îmi én nekem εγώ μου
  मैंने मेरा मेरे मुझे من_هم
  أنا لدي عندي
  我 我的 私 俺 僕 自分 저는 제가 저도 나는 제_
`

/** Thanks, greetings, cheers. */
export const courtesyWords = `
  thanks thank thx ty cheers hi hello hey guys folks sorry please_help appreciate appreciated welcome congrats
  danke hallo moin grüße vielen_dank merci bonjour salut coucou gracias hola buenas saludos obrigado obrigada valeu oi olá pessoal
  grazie ciao salve bedankt hoi dzięki dziękuję cześć hej ahoj díky ďakujem vďaka спасибо привет здравствуйте дякую привіт благодаря здравейте
  teşekkürler merhaba selam makasih terima_kasih halo cảm_ơn chào tack tak kiitos hei moi mulțumesc köszönöm sziasztok ευχαριστώ γεια شكرا مرحبا धन्यवाद नमस्ते ممنون سلام
  谢谢 感谢 大家好 你好 您好 謝謝 ありがとう すみません お願いします こんにちは 감사합니다 안녕하세요 죄송
`

/** Words with which people ask each other. */
export const askWords = `
  why anyone anybody somebody someone wondering wonder possible how_come what's_wrong any_idea any_ideas does_anyone is_there am_i can_you could_you
  warum wieso weshalb jemand weiß_jemand hat_jemand woran pourquoi quelqu'un quelqu'un_sait est-ce
  alguien alguém por_qué por_que porqué perché qualcuno waarom iemand weet_iemand dlaczego ktoś czemu proč někdo prečo niekto
  почему подскажите кто-нибудь кто-то зачем чому хтось підкажіть защо някой
  neden niye kenapa ada_yang tại_sao varför någon hvorfor nogen noen miksi joku de_ce cineva miért valaki γιατί κανείς لماذا هل क्यों किसी_को چرا کسی
  请问 为什么 怎么回事 有人 有没有 吗 請問 為什麼 嗎 なぜ どうして でしょうか ですか ますか 왜 혹시 나요 까요 인가요
`

/** Trouble. */
export const problemWords = `
  error errors issue issues bug bugs crash crashes crashed crashing broken fails failed failing failure traceback exception problem problems
  doesn't didn't won't can't cannot isn't stuck unable wrong nothing_happens not_working stopped_working weird blurry
  fehler problem probleme geht_nicht funktioniert_nicht abgestürzt kaputt erreur problème plante bogue marche_pas
  problema falla fallo no_funciona erro problema não_funciona errore non_funziona fout probleem werkt_niet błąd problem nie_działa
  chyba nefunguje problém nejde ошибка ошибки не_работает проблема вылетает сломалось баг помилка не_працює проблема грешка не_работи
  hata sorun çalışmıyor masalah gagal lỗi không_được fel fungerar_inte fejl virker_ikke ei_toimi eroare nu_merge nem_működik خطأ مشكلة
  报错 错误 问题 失败 不行 无法 失效 崩溃 錯誤 問題 失敗 エラー 不具合 失敗 動かない できない おかしい 오류 문제 안_돼 안돼 에러 실패
`

/** What people have tried, seen, felt. */
export const tellingWords = `
  would could seem looks trying getting going doing nothing lot people again still even too today yesterday soon idea thing things something enough
  tried was had got did used installed noticed happened seems seemed think thought guess believe feel love hate prefer lol haha imo imho btw tbh
  wow nice cool great awesome amazing maybe probably actually honestly yeah yes nope same really though anyway curious hope wish
  habe hatte war wurde gibt's finde glaube denke vielleicht echt super schön haha leider genau
  j'avais j'ai_essayé c'est c'était trouve crois pense peut-être franchement super génial moi_aussi mdr
  probé tenía era creo pienso quizás jaja genial bonito tentei achei acho talvez kkk ficou bonito legal
  ho_provato era credo penso forse bellissimo geprobeerd vind denk misschien mooi haha próbowałem myślę może super wolę
  zkoušel myslím asi krásný mám пробовал пробовала думаю кажется наверное круто красота ахах лол был было согласен
  пробував думаю мабуть гарний denedim bence sanırım harika coba kayaknya keren mình_thấy đẹp_quá provade tycker kanske fin prøvede synes
  tror kokeilin luulen am_încercat cred szerintem νομίζω
  觉得 试过 试了 哈哈 好像 可能 之前 漂亮 覺得 試了 思います 思う 試し きれいですね でした ました。 笑 같아요 해봤 예쁘네 ㅋㅋ 였는데 네요
`

/** Changes and announcements. */
export const changeWords = `
  fix fixes fixed added improved removed updated changed deprecated supports refactored released release version bugfix bugfixes changelog announce announced
  announcement announcing launched available new beta rc patch hotfix breaking merged bumped
  neu behoben hinzugefügt verbessert entfernt geändert veröffentlicht erschienen
  ajouté corrigé amélioré supprimé nouveau nouveautés sortie correction ajout corrections améliorations
  añadido corregido mejorado eliminado novedades versión corrección mejoras nuevo soporte
  adicionado corrigido melhorado removido novidades versão aggiunto corretto migliorato rimosso novità versione
  toegevoegd opgelost verbeterd verwijderd nieuw versie dodano naprawiono poprawiono usunięto nowa wersja přidáno opraveno vylepšeno
  добавлен добавлена добавлено добавлены исправлен исправлена исправлено исправлены улучшен улучшена обновлён версия вышла поддержка новый исправления
  додано виправлено версія оновлення eklendi düzeltildi sürüm ditambahkan diperbaiki versi rilis đã_thêm đã_sửa phiên_bản
  nytt fixat version ny rettet julkaistu versiune_nouă
  新增 修复 优化 更新 版本 移除 支持 发布 修復 優化 追加 修正 改善 公開 バージョン 対応 不具合修正 추가 수정 개선 업데이트 버전 출시 지원
`

/** Headings and boxes of bug reports and feature requests. */
export const formPhrases =
  /\[(?:bug|feature|enhancement|help|question|feature request|bug report|help needed)\??\]|steps to reproduce|reproduction steps|expected behaviou?r|actual behaviou?r|existing issue|what happened\?|what should have happened|your question|debug logs?|system info|console logs|additional context|searched the existing|no response|describe the bug|what should this feature add|custom node testing|potential bug|user support|is your feature request/gu
